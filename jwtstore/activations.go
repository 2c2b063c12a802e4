package jwtstore

import (
	"path"

	"nkeep/internal/safefile"
)

// Activations that were handed over for whoever imports lie beside the accounts,
// under their hash, which is the one of [jwt.ActivationClaims.HashID]. nsc takes
// no notice of them.
const (
	activationsDir = "activations"
	kindActivation = "activation"
)

func activationFile(hash string) string { return path.Join(activationsDir, hash+tokenExt) }

// Activation is the token of an activation, not verified. One that is not there
// is an [*EntityError] wrapping [fs.ErrNotExist].
func (s *Store) Activation(hash string) (string, error) {
	if err := checkElements(kindActivation, hash); err != nil {
		return "", err
	}
	return s.token(kindActivation, hash, activationFile(hash))
}

// PutActivation stages the token of an activation.
func (t *Tx) PutActivation(operator, hash, token string) (file string, err error) {
	if err := checkElements(kindActivation, operator, hash); err != nil {
		return "", err
	}
	name := path.Join(operator, activationFile(hash))
	t.tx.Put(safefile.Tokens, t.root.dir, name, []byte(token))
	return t.root.dir.Path(name), nil
}
