//go:build unix

package testscripts

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"nkeep/internal/testports"
)

// node is a server of a cluster.
type node struct {
	name, dir, address, url string
	cmd                     *exec.Cmd
}

// Kinds of resolvers.
const (
	full   = "full"
	cache  = "cache"  // begins with nothing but the system account, as a full one does
	memory = "memory" // has the accounts of the store
)

// cluster starts servers that have nothing but the system account.
func (h *home) cluster(names ...string) []*node {
	h.Helper()
	return h.clusterOf(func(string) string { return full }, names...)
}

// clusterOf starts servers of several kinds.
func (h *home) clusterOf(kind func(name string) string, names ...string) []*node {
	h.Helper()
	addresses := testports.Free(h.T, 2*len(names))
	var nodes []*node
	for i, name := range names {
		n := &node{name: name, dir: h.TempDir(), address: addresses[i], url: "nats://" + addresses[i]}
		conf := fmt.Sprintf("%s\nserver_name: %s\nlisten: %q\ncluster: { name: C, listen: %q, routes: [%s] }\n",
			h.accountsConf(kind(name)), name, n.address, addresses[len(names)+i], routes(addresses[len(names):]))
		if err := os.WriteFile(filepath.Join(n.dir, "server.conf"), []byte(conf), 0o600); err != nil {
			h.Fatal(err)
		}
		n.start(h.T)
		h.Cleanup(n.kill)
		nodes = append(nodes, n)
	}
	return nodes
}

// accountsConf is the part of a configuration that says where accounts come from.
func (h *home) accountsConf(kind string) string {
	h.Helper()
	resolver := "--nats-resolver"
	if kind == memory {
		resolver = "--mem-resolver"
	}
	file := filepath.Join(h.dir, kind+".conf")
	h.run("generate", "config", resolver, "--config-file", file, "--force")
	conf, err := os.ReadFile(file)
	if err != nil {
		h.Fatal(err)
	}
	text := strings.ReplaceAll(string(conf), `"2m"`, `"1h"`) // they do not help each other
	if kind == cache {
		text = strings.Replace(text, "type: full", "type: cache", 1)
		for _, line := range []string{`allow_delete: false,`, `interval: "1h",`} {
			text = strings.Replace(text, line, "", 1)
		}
	}
	return text
}

func routes(addresses []string) string {
	var list []string
	for _, a := range addresses {
		list = append(list, strconv.Quote("nats://"+a))
	}
	return strings.Join(list, ", ")
}

// start starts a node and waits until it takes connections.
func (n *node) start(t *testing.T) {
	t.Helper()
	n.cmd = exec.Command("nats-server", "-c", "server.conf")
	n.cmd.Dir = n.dir
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, n.name+" to listen", func() bool {
		c, err := net.Dial("tcp", n.address)
		if err != nil {
			return false
		}
		_ = c.Close()
		return true
	})
}

func (n *node) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := n.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// stop ends a node as an administrator does: others are told.
func (n *node) stop(t *testing.T) {
	t.Helper()
	n.signal(t, syscall.SIGTERM)
	_ = n.cmd.Wait()
}

func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
}

// has tells whether the token of an account lies on the disk of a node.
func (n *node) has(public, token string) bool {
	data, err := os.ReadFile(filepath.Join(n.dir, "jwt", public+".jwt"))
	return err == nil && string(data) == token
}
