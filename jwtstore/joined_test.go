//go:build unix

package jwtstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"nkeep/internal/safefile"
	"nkeep/jwtstore"
	"nkeep/keystore" //nolint:depguard // here the test joins what only cmd joins otherwise

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

var errFault = errors.New("injected")

// faults fails the step number at, and from there on all of them when dead: to
// the disk that looks as if the process had been killed there.
type faults struct {
	at, n int
	dead  bool
}

func (f *faults) before(string, string) error {
	f.n++
	if f.n == f.at || f.dead && f.n > f.at {
		return errFault
	}
	return nil
}

// home says where the three directories lie, below one of their own.
type home struct{ stores, keys, settings string }

func homes() map[string]home {
	return map[string]home{
		"separate": {"stores", "keys", "config"},
		"one":      {"all", "all", "all"},
		"nested":   {".nsc/nats", ".nkeys", ".nsc"},
	}
}

// place is a home on disk, opened with faults.
type place struct {
	top      string
	root     *jwtstore.Root
	ring     *keystore.Ring
	settings *jwtstore.Settings
}

func (h home) open(t *testing.T, top string, f *faults) place {
	t.Helper()
	o := safefile.Options{Before: f.before}
	root, err := jwtstore.Open(filepath.Join(top, h.stores), o)
	must(t, err)
	ring, err := keystore.Open(filepath.Join(top, h.keys), keystore.Options{Files: o})
	must(t, err)
	settings, err := jwtstore.OpenSettings(filepath.Join(top, h.settings), o)
	must(t, err)
	for _, d := range []*safefile.Dir{root.Dir(), ring.Dir(), settings.Dir()} {
		t.Cleanup(func() { must(t, d.Close()) })
	}
	return place{top, root, ring, settings}
}

func (p place) update(t *testing.T, fn func(*jwtstore.Tx) error) error {
	t.Helper()
	return p.root.Update(t.Context(), fn, p.ring, p.settings)
}

// user is what "add user" writes.
type user struct {
	kp    nkeys.KeyPair
	token string
}

func newUser(tb testing.TB) user {
	tb.Helper()
	signer, _ := pair(tb, nkeys.PrefixByteAccount)
	kp, public := pair(tb, nkeys.PrefixByteUser)
	token, err := jwt.NewUserClaims(public).Encode(signer)
	must(tb, err)
	return user{kp, token}
}

func (u user) stage(tx *jwtstore.Tx, ring *keystore.Ring, name string) error {
	keys := ring.In(tx.Shared())
	_, keyErr := keys.Put(u.kp)
	_, tokenErr := tx.AddUser("O", "A", name, u.token)
	_, credsErr := keys.PutCreds("O", "A", name, u.token, u.kp)
	return errors.Join(keyErr, tokenErr, credsErr)
}

func (p place) addUser(t *testing.T, u user) error {
	t.Helper()
	return p.update(t, func(tx *jwtstore.Tx) error {
		sel := jwtstore.Selection{StoreRoot: p.root.Path(), Operator: "O", Account: "A"}
		return errors.Join(u.stage(tx, p.ring, "U"), p.settings.Stage(tx.Shared(), sel, 1700000000))
	})
}

// settle is what any next command does first.
func (p place) settle(t *testing.T) {
	t.Helper()
	must(t, p.update(t, func(*jwtstore.Tx) error { return nil }))
}

// prepare makes a home with an operator and an account, or leaves it empty.
func (h home) prepare(t *testing.T, fresh bool) string {
	t.Helper()
	top := t.TempDir()
	if fresh {
		return top
	}
	for name, data := range map[string]string{
		"O/.nsc": `{"managed":false,"name":"O","kind":"operator","version":"1"}`, "O/O.jwt": "o.p.s", "O/accounts/A/A.jwt": "a.p.s",
	} {
		file := filepath.Join(top, h.stores, name)
		must(t, os.MkdirAll(filepath.Dir(file), 0o700))
		must(t, os.WriteFile(file, []byte(data), 0o600))
	}
	return top
}

func TestJoinedTransaction(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	public, err := u.kp.PublicKey()
	must(t, err)
	for name, h := range homes() {
		top := h.prepare(t, false)
		p := h.open(t, top, &faults{})
		must(t, p.addUser(t, u))
		if _, err := p.ring.Get(public); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if token, _, err := p.ring.Creds("O", "A", "U"); token != u.token {
			t.Errorf("%s: creds: %v", name, err)
		}
		s := storeO(t, p.root)
		if token, err := s.User("A", "U"); token != u.token {
			t.Errorf("%s: token: %v", name, err)
		}
		if ops, err := p.root.Operators(); !slices.Equal(ops, []string{"O"}) {
			t.Errorf("%s: operators %v %v", name, ops, err)
		}
		if old, err := p.ring.IsOld(); old || err != nil {
			t.Errorf("%s: taken for an old keyring: %v", name, err)
		}
		if sel, saved, err := p.settings.Load(); sel.Account != "A" || !saved {
			t.Errorf("%s: settings %v %v", name, sel, err)
		}
		// A refusal after everything was staged leaves all of them alone.
		before := tree(t, top)
		if err := p.addUser(t, newUser(t)); !isTaken(err) {
			t.Errorf("%s: again: %v", name, err)
		}
		if got := tree(t, top); !slices.Equal(got, before) {
			t.Errorf("%s: refused, but found %q", name, got)
		}
	}
}

// eachHome runs a test for every home, with stores in it and from nothing.
func eachHome(t *testing.T, test func(t *testing.T, h home, fresh bool)) {
	t.Helper()
	for name, h := range homes() {
		for what, fresh := range map[string]bool{"stores": false, "nothing": true} {
			t.Run(name+" "+what, func(t *testing.T) {
				t.Parallel()
				test(t, h, fresh)
			})
		}
	}
}

// outcome is the tree before and after the transaction. Paths inside files
// differ from run to run.
func (h home) outcome(t *testing.T, fresh bool, u user) (before, after []string) {
	t.Helper()
	top := h.prepare(t, fresh)
	before = told(t, top)
	must(t, h.open(t, top, &faults{}).addUser(t, u))
	return before, told(t, top)
}

func told(t *testing.T, top string) []string {
	t.Helper()
	out := tree(t, top)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], top, "TOP")
	}
	return out
}

// TestAddUserFails fails each step of "add user" in turn: nothing has changed,
// nothing is left over, and the same transaction succeeds when it is repeated.
func TestAddUserFails(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	eachHome(t, func(t *testing.T, h home, fresh bool) {
		t.Helper()
		before, after := h.outcome(t, fresh, u)
		for at := 1; ; at++ {
			top := h.prepare(t, fresh)
			f := &faults{at: at}
			err := h.open(t, top, f).addUser(t, u)
			if f.n < at {
				if at < 20 {
					t.Errorf("only %d steps were seen", at)
				}
				return
			}
			got := told(t, top)
			switch {
			case err == nil: // the step came after the commit point: at most kept files are left
				h.open(t, top, &faults{}).settle(t)
			case !errors.Is(err, errFault):
				t.Fatalf("step %d: %v", at, err)
			case !slices.Equal(got, before):
				t.Fatalf("step %d: found %q", at, got)
			default:
				must(t, h.open(t, top, &faults{}).addUser(t, u))
			}
			if got := told(t, top); !slices.Equal(got, after) {
				t.Fatalf("step %d: in the end found %q", at, got)
			}
		}
	})
}

// TestAddUserDies stops for good at each step in turn: the next command finds
// all or nothing.
func TestAddUserDies(t *testing.T) {
	t.Parallel()
	u := newUser(t)
	eachHome(t, func(t *testing.T, h home, fresh bool) {
		t.Helper()
		before, after := h.outcome(t, fresh, u)
		for at := 1; ; at++ {
			top := h.prepare(t, fresh)
			f := &faults{at: at, dead: true}
			committed := h.open(t, top, f).addUser(t, u) == nil
			if f.n < at {
				return
			}
			h.open(t, top, &faults{}).settle(t)
			got := told(t, top)
			if !committed { // a directory that the dead process has made to be locked may stay
				got = slices.DeleteFunc(got, func(line string) bool { return isBare(line, h) && !slices.Contains(before, line) })
			}
			if committed && !slices.Equal(got, after) || !slices.Equal(got, before) && !slices.Equal(got, after) {
				t.Fatalf("death at step %d (committed %v): found %q", at, committed, got)
			}
		}
	})
}

// isBare reports lines of [tree] about the three directories themselves.
func isBare(line string, h home) bool {
	name, ok := strings.CutPrefix(line, "drwx------ ")
	return ok && slices.Contains([]string{h.stores, h.keys, h.settings, filepath.Dir(h.stores)}, name)
}
