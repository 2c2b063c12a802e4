package resolver

import (
	"errors"
	"slices"
	"testing"
	"time"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// deletion is a request to delete accounts, signed by a key.
func deletion(tb testing.TB, kp nkeys.KeyPair, ids ...string) string {
	tb.Helper()
	c := jwt.NewGenericClaims(testkeys.Public(tb, kp))
	c.Data["accounts"] = ids
	return testkeys.Encode(tb, c, kp)
}

// deleting are the options of a server with a full resolver that deletes.
func (r *realm) deleting(tb testing.TB) *server.Options {
	tb.Helper()
	o := r.full(tb)
	res, err := server.NewDirAccResolver(tb.TempDir(), 0, time.Minute, server.HardDelete)
	check(tb, err)
	check(tb, res.Store(r.sysID, r.sysToken))
	o.AccountResolver = res
	return o
}

func TestDelete(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.deleting(t))
	c := dial(t, s, user(t, r.sys, nil))
	accounts := r.accounts(t, 3)
	_, err := c.Push(t.Context(), accounts, PushOptions{})
	check(t, err)

	may := dial(t, s, user(t, r.sys, restricted(DeletePermissions())))
	done, err := may.Delete(t.Context(), deletion(t, r.operator, accounts[0].ID, accounts[1].ID), nil)
	if err != nil || len(done) != 1 || done[0].Outcome != Deleted {
		t.Fatalf("%+v, %v", done, err)
	}
	list, err := may.List(t.Context(), nil)
	check(t, err)
	want := []string{accounts[2].ID, r.sysID}
	slices.Sort(want)
	if !slices.Equal(list[0].Accounts, want) {
		t.Errorf("left %v", list[0].Accounts)
	}
	for name, request := range map[string]string{
		"system account": deletion(t, r.operator, r.sysID),
		"by a stranger":  deletion(t, testkeys.New(t, nkeys.CreateOperator), accounts[2].ID),
		"no token":       "x",
	} {
		done, err := may.Delete(t.Context(), request, nil)
		if err != nil || len(done) != 1 || done[0].Outcome != Rejected || done[0].Message == "" {
			t.Errorf("%s: %+v, %v", name, done, err)
		}
	}
}

func TestDeleteNotAllowed(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	full := dial(t, start(t, r.full(t)), user(t, r.sys, nil))
	done, err := full.Delete(t.Context(), deletion(t, r.operator, r.appID), nil)
	if err != nil || len(done) != 1 || done[0].Outcome != Rejected {
		t.Errorf("%+v, %v", done, err)
	}
	memory := dial(t, start(t, r.memory(t)), user(t, r.sys, nil))
	if _, err := memory.Delete(t.Context(), deletion(t, r.operator, r.appID), nil); !errors.Is(err, ErrNoResolver) {
		t.Errorf("memory: %v", err)
	}
}

func TestHostileDeletion(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		answers []string
		want    []Outcome
	}{
		"garbage":    {[]string{"x", "[]", "{}", `{"server":{"id":"s1","name":"s1"},"data":[]}`, `{"server":{"id":"s1","name":"s1"},"data":{}}`}, []Outcome{Silent}},
		"odd code":   {[]string{`{"server":{"id":"s1","name":"s1"},"data":{"code":503}}`}, []Outcome{Rejected}},
		"duplicates": {[]string{answer("s1", "", "deleted 1"), answer("s1", "", "deleted 1")}, []Outcome{Deleted}},
		"stranger":   {[]string{answer("s0", "", "deleted 1"), answer("s1", "", "deleted 1")}, []Outcome{Deleted, Deleted}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done, err := impostor(t, subjectClaimsDelete, tc.answers...).Delete(t.Context(), "x", []Server{{ID: "s1", Name: "s1"}})
			check(t, err)
			var got []Outcome
			for _, d := range done {
				got = append(got, d.Outcome)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%v, want %v", got, tc.want)
			}
		})
	}
}
