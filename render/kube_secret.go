package render

import (
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
)

// KubeSecret is a Secret of Kubernetes that holds one file. Its JSON, too, is what kubectl takes.
type KubeSecret struct {
	APIVersion string            `json:"apiVersion" yaml:"apiVersion"`
	Kind       string            `json:"kind" yaml:"kind"`
	Metadata   kubeMetadata      `json:"metadata" yaml:"metadata"`
	Type       string            `json:"type" yaml:"type"`
	StringData map[string]string `json:"stringData,omitempty" yaml:"stringData,omitempty"`
	Data       map[string]string `json:"data,omitempty" yaml:"data,omitempty"`
}

// kubeMetadata is how Kubernetes knows the Secret.
type kubeMetadata struct {
	Name      string `json:"name" yaml:"name"`
	Namespace string `json:"namespace,omitempty" yaml:"namespace,omitempty"`
}

// NewKubeSecret returns a Secret with a file under a key: as it is, or in base64. Without a namespace it goes to the one
// that kubectl is set to.
func NewKubeSecret(name, namespace, key string, file []byte, inBase64 bool) (s KubeSecret, err error) {
	if err := errors.Join(CheckKubeName(name), checkNamespace(namespace), checkSecretKey(key)); err != nil {
		return s, err
	}
	s = KubeSecret{APIVersion: "v1", Kind: "Secret", Type: "Opaque", Metadata: kubeMetadata{name, namespace}}
	if inBase64 {
		s.Data = map[string]string{key: base64.StdEncoding.EncodeToString(file)}
	} else {
		s.StringData = map[string]string{key: string(file)}
	}
	return s, nil
}

// Encode writes a Secret in YAML.
func (s KubeSecret) Encode() ([]byte, error) { return encodeYAML("", s) }

// Text implements [View].
func (s KubeSecret) Text(t *Text) {
	data, err := s.Encode()
	t.fail(err)
	t.Verbatim(string(data))
}

const dnsLabel = `[a-z0-9]([-a-z0-9]*[a-z0-9])?`

// CheckKubeName says whether a Secret may have this name: in lower case, as in DNS.
func CheckKubeName(name string) error {
	if len(name) > 253 || !regexp.MustCompile(`^`+dnsLabel+`(\.`+dnsLabel+`)*$`).MatchString(name) {
		return fmt.Errorf("secret name %q: has to be lower-case letters, digits, dashes and dots, as in DNS", name)
	}
	return nil
}

func checkNamespace(namespace string) error {
	if namespace != "" && (len(namespace) > 63 || !regexp.MustCompile(`^`+dnsLabel+`$`).MatchString(namespace)) {
		return fmt.Errorf("namespace %q: has to be lower-case letters, digits and dashes", namespace)
	}
	return nil
}

func checkSecretKey(key string) error {
	if len(key) > 253 || key == "." || key == ".." || !regexp.MustCompile(`^[-._a-zA-Z0-9]+$`).MatchString(key) {
		return fmt.Errorf("key %q: has to be letters, digits, dashes, dots and underscores", key)
	}
	return nil
}
