//go:build unix

package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/jwt/v2"
)

// TestFiftyWriters starts fifty processes at once that change one account and
// what is around it in every way there is. All of them succeed, and the store
// is what all of them have made of it together.
func TestFiftyWriters(t *testing.T) {
	t.Parallel()
	const rounds = 5
	h := newHome(t, usual()...)
	for i := range rounds {
		h.must(t, fmt.Sprintf("add user old%d -a A", i))
		h.must(t, fmt.Sprintf("add user edited%d -a A", i))
	}
	h.must(t, "add export -a A -s old.>")
	var running sync.WaitGroup
	for i := range rounds {
		for _, line := range []string{
			"add user new%d -a A",
			"add user other%d -a A --tag t",
			"edit account A --tag t%d",
			"edit account A --sk generate --tag s%d",
			"edit user edited%d -a A --tag t",
			"edit operator --tag t%d",
			"add account B%d",
			"add export -a A -s new.%d",
			"revocations add-user U%d -a A",
			"delete user old%d -a A --rm-nkey --rm-creds",
		} {
			if strings.HasPrefix(line, "revocations") {
				line = "revocations add-user -a A -u " + publicUser(byte(i))
			} else {
				line = fmt.Sprintf(line, i)
			}
			running.Go(func() {
				if r := h.runChild(t, "plain", line); r.code != 0 {
					t.Errorf("nkeep %s: %s", line, r)
				}
			})
		}
	}
	running.Wait()
	h.verify(t, false)
	h.checkSum(t, rounds)
}

// checkSum looks for what each of the writers has done.
func (h *home) checkSum(t *testing.T, rounds int) {
	t.Helper()
	accounts := filepath.Join(h.dir, ".nsc/nats/O/accounts")
	var users []string
	for _, file := range glob(t, accounts, "A/users", "*.jwt") {
		users = append(users, strings.TrimSuffix(filepath.Base(file), ".jwt"))
	}
	ac, ok := decoded(t, filepath.Join(accounts, "A/A.jwt")).(*jwt.AccountClaims)
	if !ok {
		t.Fatal("A is no account")
	}
	operator := decoded(t, filepath.Join(h.dir, ".nsc/nats/O/O.jwt"))
	want := []string{"U"}
	for i := range rounds {
		want = append(want, fmt.Sprintf("new%d", i), fmt.Sprintf("other%d", i), fmt.Sprintf("edited%d", i))
		tag, scope, subject := fmt.Sprintf("t%d", i), fmt.Sprintf("s%d", i), jwt.Subject(fmt.Sprintf("new.%d", i))
		if !ac.Tags.Contains(tag) || !ac.Tags.Contains(scope) {
			t.Errorf("account: a tag of round %d is lost: %q", i, ac.Tags)
		}
		if _, ok := ac.Revocations[publicUser(byte(i))]; !ok {
			t.Errorf("account: a revocation of round %d is lost", i)
		}
		if !slices.ContainsFunc(ac.Exports, func(e *jwt.Export) bool { return e.Subject == subject }) {
			t.Errorf("account: the export %s is lost", subject)
		}
		if oc, ok := operator.(*jwt.OperatorClaims); !ok || !oc.Tags.Contains(tag) {
			t.Errorf("operator: the tag %s is lost", tag)
		}
		if uc, ok := decoded(t, filepath.Join(accounts, "A/users", fmt.Sprintf("edited%d.jwt", i))).(*jwt.UserClaims); !ok || !uc.Tags.Contains("t") {
			t.Errorf("user: the tag of round %d is lost", i)
		}
		decoded(t, filepath.Join(accounts, fmt.Sprintf("B%d/B%d.jwt", i, i)))
	}
	slices.Sort(users)
	slices.Sort(want)
	if !slices.Equal(users, want) {
		t.Errorf("users: %q, want %q", users, want)
	}
	if n := len(ac.SigningKeys); n != rounds {
		t.Errorf("account: has %d signing keys", n)
	}
}

func decoded(t *testing.T, file string) jwt.Claims {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return nil
	}
	c, err := jwt.Decode(string(data))
	if err != nil {
		t.Errorf("%s: %v", file, err)
	}
	return c
}
