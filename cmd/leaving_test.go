package cmd

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// clockHome is a home in which commands run by a clock that is given, and that
// notes what they do to the disk.
type clockHome struct {
	*testing.T
	dir   string
	steps []string
}

// newClockHome has an account A with a user u, whose token is of now.
func newClockHome(t *testing.T) *clockHome {
	t.Helper()
	h := &clockHome{T: t, dir: t.TempDir()}
	for _, line := range []string{"add operator O", "add account A", "add user u"} {
		h.run(time.Now(), line)
	}
	h.steps = nil
	return h
}

// run returns what a command prints in JSON.
func (h *clockHome) run(now time.Time, line string) []byte {
	h.Helper()
	var stdout, stderr bytes.Buffer
	env := Env{
		Name: "nkeep", Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, Dir: h.dir, Rand: rand.Reader,
		Now:       func() time.Time { return now },
		LookupEnv: func(name string) (string, bool) { return h.dir, name == "HOME" || name == "USERPROFILE" },
	}
	env.Files.Before = func(op, path string) error {
		h.steps = append(h.steps, op+" "+filepath.Base(path))
		return nil
	}
	if code := Run(h.Context(), env, append(strings.Fields(line), "--json")); code != exitOK {
		h.Fatalf("%s: exit code %d: %s", line, code, stderr.String())
	}
	return stdout.Bytes()
}

// TestDeletedUserIsRevoked until now, however old its token is, and until its
// token was issued, should the clock of this machine be behind.
func TestDeletedUserIsRevoked(t *testing.T) {
	t.Parallel()
	for name, ahead := range map[string]time.Duration{"later": time.Hour, "clock behind": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := time.Now().Truncate(time.Second)
			h := newClockHome(t)
			now := time.Now().Add(ahead).Truncate(time.Second)
			var shown struct {
				Entities []struct {
					RevokedAt time.Time `json:"revoked_at"`
				} `json:"entities"`
			}
			if err := json.Unmarshal(h.run(now, "delete user u"), &shown); err != nil {
				t.Fatal(err)
			}
			at := shown.Entities[0].RevokedAt
			if ahead > 0 && !at.Equal(now) || ahead < 0 && at.Before(before) {
				t.Errorf("at %s: revoked what was issued until %s; the token is not older than %s", now, at, before)
			}
		})
	}
}

// TestRevokedBeforeDeleted holds the order on disk: whoever is interrupted has
// revoked what is gone, and the seed goes after the token that needs it.
func TestRevokedBeforeDeleted(t *testing.T) {
	t.Parallel()
	h := newClockHome(t)
	h.run(time.Now(), "delete user u -D -C")
	var order []string
	for _, step := range h.steps {
		for suffix, what := range map[string]string{"A.jwt": "rename", "u.jwt": "remove", "u.creds": "remove", ".nk": "remove"} {
			if strings.HasPrefix(step, what+" ") && strings.HasSuffix(step, suffix) && !strings.HasPrefix(step, what+" .") {
				order = append(order, suffix)
			}
		}
	}
	if want := []string{"A.jwt", "u.creds", "u.jwt", ".nk"}; !slices.Equal(slices.Compact(order), want) {
		t.Errorf("the order is %q, want %q, of %q", order, want, h.steps)
	}
}
