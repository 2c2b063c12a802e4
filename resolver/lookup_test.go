package resolver

import (
	"errors"
	"testing"

	"nkeep/internal/testkeys"

	"github.com/nats-io/nkeys"
)

// copiesOf collects what LookupEach finds.
func copiesOf(t *testing.T, c *Conn, ids []string, copies int) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	check(t, c.LookupEach(t.Context(), ids, copies, func(id, token string) { found[id] = append(found[id], token) }))
	return found
}

func TestLookupEach(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 3)
	c := dialWith(t, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(t, r.sys, restricted(PullPermissions())), Timeout: patience})
	pusher := dialWith(t, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(t, r.sys, nil), Timeout: patience})
	accounts := r.accounts(t, 600)
	_, err := pusher.Push(t.Context(), accounts, PushOptions{})
	check(t, err)
	absent := testkeys.Public(t, testkeys.New(t, nkeys.CreateAccount))
	ids := []string{absent}
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	found := copiesOf(t, c, ids, 3)
	for _, a := range accounts {
		if got := found[a.ID]; len(got) != 3 || got[0] != a.Token || got[2] != a.Token {
			t.Fatalf("account %s: %d copies", a.ID, len(got))
		}
	}
	if got := found[absent]; len(got) != 1 || got[0] != "" {
		t.Errorf("absent: %q", got)
	}

	// One of the servers does not answer: that costs a timeout, not one for each of the
	// three times that as many are asked for as may be on their way.
	nodes[2].Shutdown()
	nodes[2].WaitForShutdown()
	c.timeout = patience / 2
	elapsed := stopwatch()
	found = copiesOf(t, c, ids, 3)
	if len(found) != len(ids) || len(found[accounts[599].ID]) != 2 || elapsed() > 3*c.timeout {
		t.Errorf("%d accounts, %d copies in %v", len(found), len(found[accounts[599].ID]), elapsed())
	}
}

func TestLookupEachWithoutResolver(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	c := dial(t, start(t, r.memory(t)), user(t, r.sys, nil))
	err := c.LookupEach(t.Context(), []string{r.appID}, 1, func(string, string) { t.Error("a copy") })
	if !errors.Is(err, ErrNoResolver) {
		t.Errorf("%v", err)
	}
}

func TestHostileLookupEach(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	app, other := r.account(t, r.app, "APP"), r.accounts(t, 1)[0]
	subject := prefixAccount + "*" + suffixLookup
	found := copiesOf(t, impostor(t, subject, "garbage", other.Token, app.Token, app.Token, app.Token, app.Token), []string{app.ID}, 3)
	if len(found[app.ID]) != 3 {
		t.Errorf("%d copies", len(found[app.ID]))
	}
	// Silence about thousands of accounts costs two timeouts at the most.
	var ids []string
	for range 3000 {
		ids = append(ids, testkeys.Public(t, testkeys.New(t, nkeys.CreateAccount)))
	}
	elapsed := stopwatch()
	found = copiesOf(t, impostor(t, subject), ids, 1)
	if len(found) != len(ids) || elapsed() > 10*short {
		t.Errorf("%d accounts in %v", len(found), elapsed())
	}
}
