package cmd

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// TestServeGuidePermissions makes the user of the guide, and then what it becomes
// for an account server that takes tokens: each has exactly what that needs.
func TestServeGuidePermissions(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile("../docs/account-server.md")
	if err != nil {
		t.Fatal(err)
	}
	h := newSecretHome(t)
	verbs := map[string]int{}
	for _, args := range called(shellIn(string(guide))) {
		if len(args) < 3 || args[1] != "user" {
			continue
		}
		verbs[args[0]]++
		for _, line := range [][]string{args, {"describe", "user", "serve", "-a", "SYS", "--json"}} {
			var stdout, stderr bytes.Buffer
			if code := h.run(line, nil, &stdout, &stderr); code != exitOK {
				t.Fatalf("%q: exit code %d: %s", line, code, &stderr)
			}
			if line[0] != "describe" {
				continue
			}
			var user struct {
				NATS jwt.Permissions `json:"nats"`
			}
			if err := json.Unmarshal(stdout.Bytes(), &user); err != nil {
				t.Fatal(err)
			}
			want := resolver.AnswerPermissions(args[0] == "edit")
			for _, p := range []*jwt.Permissions{&user.NATS, &want} {
				slices.Sort(p.Pub.Allow)
				slices.Sort(p.Sub.Allow)
			}
			got, _ := json.Marshal(user.NATS)
			if needs, _ := json.Marshal(want); !bytes.Equal(got, needs) {
				t.Errorf("%s: may\n%s, and needs\n%s", args[0], got, needs)
			}
		}
	}
	if verbs["add"] != 1 || verbs["edit"] != 1 {
		t.Errorf("commands in the guide: %v", verbs)
	}
}
