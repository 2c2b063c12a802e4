package testscripts

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"nkeep/internal/testcerts"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

// TestTLS pushes to a server that demands TLS and a client certificate, compares and
// pulls, with an authority of its own.
func TestTLS(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.run("add", "account", "A")
	h.run("generate", "config", "--nats-resolver", "--config-file", filepath.Join(h.dir, "server.conf"))
	ca, err := testcerts.NewAuthority(h.dir)
	for _, name := range []string{"server", "client"} {
		if err == nil {
			err = ca.Issue(name)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	address := h.startSecure()
	url := "tls://" + address
	trusted := []string{"--ca-cert", "ca.pem", "--client-cert", "client.pem", "--client-key", "client.key"}
	with := func(args ...string) []string { return append(args, trusted...) }

	h.refused("certificate", "push", "-A", "-u", url)
	// The server's word that it wants a certificate may come after the end of the connection.
	h.refused("nkeep: server", "push", "-A", "-u", url, "--ca-cert", "ca.pem")
	out := h.run(with("push", "-A", "-u", url)...)
	if !strings.Contains(string(out), "2 of 2 accounts on 1 server") {
		t.Errorf("push: %s", out)
	}
	h.run(with("push", "-A", "--changed", "-u", "nats://"+address)...)
	h.run(with("diff", "-u", url)...)
	h.run(with("pull", "-A", "-u", url)...)
}

// refused runs a command that fails, and says why.
func (h *home) refused(why string, args ...string) {
	h.Helper()
	out, err := h.command(args...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), why) {
		h.Errorf("nkeep %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// startSecure starts a server that demands client certificates, and returns its address.
func (h *home) startSecure() string {
	h.Helper()
	file := filepath.Join(h.dir, "server.conf")
	conf, err := os.ReadFile(file)
	if err != nil {
		h.Fatal(err)
	}
	conf = append(conf, "\ntls { cert_file: server.pem, key_file: server.key, ca_file: ca.pem, verify: true }\n"...)
	if err := os.WriteFile(file, conf, 0o600); err != nil {
		h.Fatal(err)
	}
	c := exec.Command("nats-server", "-c", "server.conf", "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", h.dir)
	c.Dir = h.dir
	if err := c.Start(); err != nil {
		h.Fatal(err)
	}
	h.Cleanup(func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	})
	var ports natsserver.Ports
	if !poll(func() bool {
		files, _ := filepath.Glob(filepath.Join(h.dir, "*.ports"))
		if len(files) != 1 {
			return false
		}
		data, err := os.ReadFile(files[0])
		return err == nil && json.Unmarshal(data, &ports) == nil && len(ports.Nats) > 0
	}) {
		h.Fatal("the server does not listen")
	}
	_, address, _ := strings.Cut(ports.Nats[0], "://")
	return strings.TrimSuffix(address, "/")
}
