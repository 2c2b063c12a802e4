//go:build unix

package testscripts

import (
	"strings"
	"testing"
)

// TestDeleteAfterACrash deletes an account on servers of which one crashed and came
// back: the others count it twice, unless they are told who there is.
func TestDeleteAfterACrash(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	h.run("add", "operator", "O", "--sys")
	h.run("add", "account", "A", "B")
	nodes := h.cluster("n1", "n2", "n3")
	h.awaitCluster(nodes[0].url)
	h.run("push", "-A", "-u", nodes[0].url)
	nodes[2].kill()
	nodes[2].start(t)
	await(t, "n3 to come back", func() bool { // named, since the others count four
		return h.command("server", "list", "--expect", "n1,n2,n3", "-u", nodes[0].url).Run() == nil
	})

	out, err := h.command("delete", "account", "A", "--force", "--push-url", nodes[0].url).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "did not answer, and may still serve it") || !strings.Contains(string(out), "--expect") {
		t.Errorf("%v: %s", err, out)
	}
	out = h.run("delete", "account", "B", "--force", "--push-url", nodes[0].url, "--expect", "n1,n2,n3", "--json")
	if !strings.Contains(string(out), `"absent": []`) && !strings.Contains(string(out), `"absent":[]`) {
		t.Errorf("%s", out)
	}
}
