package resolver

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestPushThousand(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dialWith(t, Options{
		URLs: []string{s.ClientURL()}, Timeout: 4 * patience,
		Identity: user(t, r.sys, restricted(PushPermissions())),
	})
	accounts := r.accounts(t, 1000)
	results := map[string]int{}
	sum, err := c.Push(t.Context(), accounts, PushOptions{OnResult: func(r Result) { results[r.Account]++ }})
	check(t, err)
	if !sum.All() || sum.None() || sum.Complete != 1000 || sum.Results != (Tally{Stored: 1000}) {
		t.Errorf("summary %+v", sum)
	}
	for _, a := range accounts {
		if results[a.ID] != 1 {
			t.Fatalf("account %s has %d results", a.ID, results[a.ID])
		}
		if got, err := s.AccountResolver().Fetch(a.ID); err != nil || got != a.Token {
			t.Fatalf("account %s: stored %q, %v", a.ID, got, err)
		}
	}
	if sum.Elapsed <= 0 || sum.Elapsed > 4*patience { // not even one account waited for its time to pass
		t.Errorf("took %v", sum.Elapsed)
	}
}

func TestPushToClusterWithStoppedServer(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 3)
	c := dialWith(t, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(t, r.sys, nil), Timeout: time.Second})
	roll, err := c.RollCall(t.Context())
	check(t, err)
	accounts := r.accounts(t, 100)

	all, err := c.Push(t.Context(), accounts[:10], PushOptions{Expect: roll.Servers})
	check(t, err)
	if !all.All() || all.Results.Stored != 30 {
		t.Errorf("three servers: %+v", all)
	}

	nodes[2].Shutdown()
	nodes[2].WaitForShutdown()
	silent := map[string]int{}
	sum, err := c.Push(t.Context(), accounts, PushOptions{InFlight: 4, Expect: roll.Servers, OnResult: func(r Result) {
		if r.Outcome == Silent {
			silent[r.Server.Name]++
		}
	}})
	check(t, err)
	if sum.All() || sum.None() || sum.Results != (Tally{Stored: 200, Silent: 100}) {
		t.Errorf("one stopped: %+v", sum)
	}
	if len(silent) != 1 || silent["n3"] != 100 {
		t.Errorf("silent: %v", silent)
	}
	// 25 rounds of 4 accounts; the dead server may cost a timeout or two, not 25.
	if sum.Elapsed > 15*time.Second {
		t.Errorf("took %v", sum.Elapsed)
	}
}

func TestPushOneServerRefuses(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 3)
	c := dial(t, nodes[0], user(t, r.sys, nil))
	good, bad := r.accounts(t, 1)[0], r.accounts(t, 1)[0]
	bad.Token = bad.Token[:len(bad.Token)-6] + "AAAAAA" // no valid signature
	rejected := []Result{}
	sum, err := c.Push(t.Context(), []Account{bad, good}, PushOptions{OnResult: func(r Result) {
		if r.Outcome == Rejected {
			rejected = append(rejected, r)
		}
	}})
	check(t, err)
	if sum.Results != (Tally{Stored: 3, Rejected: 3}) || sum.Complete != 1 || sum.All() || sum.None() {
		t.Errorf("summary %+v", sum)
	}
	for _, r := range rejected {
		if r.Account != bad.ID || !strings.Contains(r.Message, "jwt update resulted in error") {
			t.Errorf("result %+v", r)
		}
	}
}

func TestPushOversized(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	o := r.full(t)
	o.MaxPayload = 4096
	c := dial(t, start(t, o), user(t, r.sys, nil))
	accounts := r.accounts(t, 2)
	accounts[0].Token = strings.Repeat("x", 4097)
	sum, err := c.Push(t.Context(), accounts, PushOptions{})
	check(t, err)
	if sum.Results != (Tally{Stored: 1, Rejected: 1}) || sum.Complete != 1 {
		t.Errorf("summary %+v", sum)
	}
}

func TestPushRefusesBadInput(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, baseOptions()), Identity{})
	a := newRealm(t).accounts(t, 1)[0]
	for _, accounts := range [][]Account{{{ID: ""}}, {{ID: "A.>"}}, {{ID: a.ID + "."}}, {a, a}} {
		if _, err := c.Push(t.Context(), accounts, PushOptions{Expect: []Server{{ID: "x"}}}); err == nil || !strings.HasPrefix(err.Error(), "account") {
			t.Errorf("accounts %v: %v", accounts, err)
		}
	}
}

func TestPushNothing(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	c := dial(t, start(t, r.full(t)), user(t, r.sys, nil))
	sum, err := c.Push(t.Context(), nil, PushOptions{})
	if err != nil || !sum.All() || !sum.None() {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestMemoryResolver(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	app := r.account(t, r.app, "APP")
	s := start(t, r.memory(t, app))
	c := dial(t, s, user(t, r.sys, restricted(PushPermissions())))
	if _, err := c.Push(t.Context(), []Account{app}, PushOptions{}); !errors.Is(err, ErrNoResolver) {
		t.Errorf("push: %v", err)
	}

	client(t, s, user(t, r.app, nil)) // loads the account
	renamed := r.account(t, r.app, "RENAMED")
	other := r.accounts(t, 1)[0]
	got := map[string]Outcome{}
	sum, err := c.UpdateLoaded(t.Context(), []Account{renamed, other}, PushOptions{OnResult: func(r Result) { got[r.Account] = r.Outcome }})
	check(t, err)
	if got[app.ID] != Stored || got[other.ID] != Skipped || sum.Results != (Tally{Stored: 1, Skipped: 1}) || sum.All() {
		t.Errorf("%v, %+v", got, sum)
	}
	force, err := c.InForce(t.Context(), app.ID, nil)
	check(t, err)
	if len(force) != 1 || force[0].Token != renamed.Token {
		t.Errorf("in force %+v", force)
	}
	admin := dial(t, s, user(t, r.sys, nil))
	if _, err := admin.List(t.Context(), nil); !errors.Is(err, ErrNoResolver) {
		t.Errorf("list: %v", err)
	}
	if _, err := admin.Lookup(t.Context(), app.ID); !errors.Is(err, ErrNoResolver) {
		t.Errorf("lookup: %v", err)
	}
}

func TestPushWithoutPermission(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	accounts := r.accounts(t, 3)
	expect := []Server{{ID: s.ID(), Name: s.Name()}}
	for name, lists := range map[string][2][]string{
		"publish":   {{subjectRollCall}, {everyInbox}},
		"subscribe": {{subjectRollCall, subjectClaimsUpdate}, {"elsewhere"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dialWith(t, Options{
				URLs: []string{s.ClientURL()}, Timeout: time.Minute,
				Identity: user(t, r.sys, restricted(lists[0], lists[1])),
			})
			if _, err := c.Push(t.Context(), accounts, PushOptions{Expect: expect}); !errors.Is(err, ErrPermission) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestPushOutsideSystemAccount(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	app := r.account(t, r.app, "APP")
	check(t, s.AccountResolver().Store(app.ID, app.Token))
	c := dial(t, s, user(t, r.app, nil))
	if _, err := c.Push(t.Context(), r.accounts(t, 1), PushOptions{}); !errors.Is(err, ErrNotSystem) {
		t.Errorf("error %v", err)
	}
}

func TestPushEndsWithContext(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dialWith(t, Options{URLs: []string{s.ClientURL()}, Identity: user(t, r.sys, nil), Timeout: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	ghost := []Server{{ID: "ghost", Name: "ghost"}}
	sum, err := c.Push(ctx, r.accounts(t, 5), PushOptions{Expect: ghost, InFlight: 1, OnResult: func(Result) { cancel() }})
	if !errors.Is(err, context.Canceled) || sum.Complete != 0 || sum.Results.Stored == 0 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// Permissions for named accounts make the longest token; it must still fit
// into a login.
func TestPushPermissionsForNamedAccounts(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	var ids []string
	accounts := r.accounts(t, maxNamedAccounts)
	for _, a := range accounts {
		ids = append(ids, a.ID)
	}
	c := dial(t, s, user(t, r.sys, restricted(PushPermissions(ids...))))
	if sum, err := c.Push(t.Context(), accounts, PushOptions{}); err != nil || !sum.All() {
		t.Errorf("push: %+v, %v", sum, err)
	}
	if _, err := c.InForce(t.Context(), ids[0], nil); err != nil {
		t.Errorf("own account: %v", err)
	}
	other := testkeys.Public(t, testkeys.New(t, nkeys.CreateAccount))
	if _, err := c.InForce(t.Context(), other, nil); !errors.Is(err, ErrPermission) {
		t.Errorf("other account: %v", err)
	}
	watcher := dial(t, s, user(t, r.sys, restricted(EventPermissions(ids...))))
	if _, err := watcher.RollCall(t.Context()); err != nil {
		t.Errorf("roll call: %v", err)
	}
}

func TestStoredIsNotTrusted(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	kp, stranger := testkeys.New(t, nkeys.CreateAccount), testkeys.New(t, nkeys.CreateOperator)
	claims := jwt.NewAccountClaims(testkeys.Public(t, kp))
	a := Account{ID: claims.Subject, Token: testkeys.Encode(t, claims, stranger)}
	c := dial(t, s, user(t, r.sys, nil))
	sum, err := c.Push(t.Context(), []Account{a}, PushOptions{})
	if err != nil || sum.Results.Stored != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	force, err := c.InForce(t.Context(), a.ID, nil)
	check(t, err)
	if len(force) != 1 || force[0].State != NotLoaded {
		t.Errorf("in force %+v", force)
	}
}
