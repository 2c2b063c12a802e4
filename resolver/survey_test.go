package resolver

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

func withCause(t *testing.T) (context.Context, context.CancelCauseFunc) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	return ctx, cancel
}

// together starts servers of several kinds as one cluster.
func (r *realm) together(t *testing.T, all ...*server.Options) []*server.Server {
	t.Helper()
	var list []*server.Server
	var routes []*url.URL
	for i, o := range all {
		o.ServerName = fmt.Sprintf("n%d", i+1)
		o.Cluster = server.ClusterOpts{Name: "C", Host: "127.0.0.1", Port: -1}
		o.Routes = routes
		s := start(t, o)
		routes = append(routes, &url.URL{Scheme: "nats", Host: s.ClusterAddr().String()})
		list = append(list, s)
	}
	c := dial(t, list[0], user(t, r.sys, nil))
	eventually(t, func() bool {
		roll, err := c.RollCall(t.Context())
		return err == nil && len(roll.Servers) == len(all) && roll.Missing == 0
	})
	return list
}

func (r *realm) cache(t *testing.T) *server.Options {
	t.Helper()
	o := r.options()
	res, err := server.NewCacheDirAccResolver(t.TempDir(), 100, time.Minute)
	check(t, err)
	check(t, res.Store(r.sysID, r.sysToken))
	o.AccountResolver = res
	return o
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nobody := testkeys.New(t, nkeys.CreateOperator)
	probe := jwt.NewGenericClaims(testkeys.Public(t, nobody))
	probe.Data["accounts"] = []string{}
	deletion := testkeys.Encode(t, probe, nobody)
	yes, no := true, false
	for name, tc := range map[string]struct {
		servers []*server.Options
		kinds   []Kind
		deletes []*bool
	}{
		"full":        {[]*server.Options{r.full(t), r.deleting(t)}, []Kind{KindFull, KindFull}, []*bool{&no, &yes}},
		"memory":      {[]*server.Options{r.memory(t)}, []Kind{KindOther}, []*bool{&no}},
		"cache":       {[]*server.Options{r.cache(t)}, []Kind{KindCache}, []*bool{&yes}},
		"full, cache": {[]*server.Options{r.full(t), r.cache(t)}, []Kind{KindFull, KindCache}, []*bool{&no, &yes}},
		"all kinds":   {[]*server.Options{r.full(t), r.cache(t), r.memory(t)}, []Kind{KindFull, KindCache, KindOther}, []*bool{&no, &yes, &no}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes := r.together(t, tc.servers...)
			c := dialWith(t, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(t, r.sys, nil), Timeout: time.Second})
			roll, err := c.RollCall(t.Context())
			check(t, err)
			list, err := c.Survey(t.Context(), roll.Servers, SurveyOptions{Account: r.sysID, Deletion: deletion})
			check(t, err)
			for i, p := range list {
				if p.Resolver != tc.kinds[i] || p.Deletes == nil || *p.Deletes != *tc.deletes[i] {
					t.Errorf("%s: %s, deletion %v", p.Name, p.Resolver, p.Deletes)
				}
				if !p.Trusts(r.claims.Subject) || p.Trusts(r.appID) || len(p.Operators) != 1 {
					t.Errorf("%s trusts %+v", p.Name, p.Operators)
				}
			}
		})
	}
}

// A user that may only push learns nothing, and nothing is wrong.
func TestSurveyWithoutPermission(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dial(t, s, user(t, r.sys, restricted([]string{subjectRollCall, subjectClaimsUpdate}, []string{everyInbox})))
	list, err := c.Survey(t.Context(), []Server{{ID: s.ID(), Name: s.Name()}}, SurveyOptions{Account: r.sysID})
	if err != nil || len(list) != 1 || list[0].Resolver != KindUnknown || !list[0].Trusts("anybody") {
		t.Errorf("%+v, %v", list, err)
	}
}

// A user that may not ask what servers listen to learns their kinds by what they answer.
func TestSurveyByAnswers(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	may := []string{subjectRollCall, subjectRoutez, subjectVarz, subjectClaimsList, prefixAccount + "*" + suffixLookup}
	for name, tc := range map[string]struct {
		servers []*server.Options
		more    []string // subjects that the user may publish to, too
		kinds   []Kind
	}{
		"full":                 {[]*server.Options{r.full(t), r.full(t)}, nil, []Kind{KindFull, KindFull}},
		"cache":                {[]*server.Options{r.cache(t)}, nil, []Kind{KindCache}},
		"memory":               {[]*server.Options{r.memory(t)}, nil, []Kind{KindOther}},
		"all kinds":            {[]*server.Options{r.full(t), r.cache(t), r.memory(t)}, []string{subjectClaimsUpdate}, []Kind{KindFull, KindCache, KindOther}},
		"may not tell by word": {[]*server.Options{r.full(t), r.cache(t), r.memory(t)}, nil, []Kind{KindUnknown, KindUnknown, KindOther}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nodes := r.together(t, tc.servers...)
			c := dialWith(t, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(t, r.sys, restricted(append(tc.more, may...), []string{everyInbox})), Timeout: time.Second})
			roll, err := c.RollCall(t.Context())
			check(t, err)
			list, err := c.Survey(t.Context(), roll.Servers, SurveyOptions{Account: r.sysID})
			check(t, err)
			for i, p := range list {
				if p.Resolver != tc.kinds[i] {
					t.Errorf("%s: %s, not %s", p.Name, p.Resolver, tc.kinds[i])
				}
			}
		})
	}
}

// Who listens beside a server makes it neither a full nor a caching one.
func TestSurveyOfAWatchedServer(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.memory(t))
	nc := client(t, s, user(t, r.sys, nil))
	for _, subject := range []string{"$SYS.REQ.>", "$SYS.REQ.CLAIMS.*", prefixAccount + "*" + suffixLookup} {
		_, err := nc.Subscribe(subject, func(*nats.Msg) {})
		check(t, err)
	}
	_, err := nc.QueueSubscribe(subjectClaimsPack, packQueue, func(*nats.Msg) {}) // as account servers do
	check(t, err)
	check(t, nc.Flush())
	c := dial(t, s, user(t, r.sys, restricted(PullPermissions())))
	list, err := c.Survey(t.Context(), []Server{{ID: s.ID(), Name: s.Name()}}, SurveyOptions{Account: r.sysID})
	if err != nil || list[0].Resolver != KindOther {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestHostileSurvey(t *testing.T) {
	t.Parallel()
	token := newRealm(t).sysToken
	said := func(data string) string { return fmt.Sprintf(`{"server":{"id":"s1","name":"s1"},"data":%s}`, data) }
	many := said(`{"trusted_operators_jwt":[` + strings.Repeat(`"x",`, 1000) + `"x"]}`)
	for name, tc := range map[string]struct {
		answers   []string
		operators int
	}{
		"garbage":    {[]string{"x", said("7"), said(`{"trusted_operators_jwt":7}`), "{}"}, 0},
		"none":       {[]string{said("{}")}, 0},
		"no claims":  {[]string{said(`{"trusted_operators_claim":[null]}`)}, 0},
		"duplicates": {[]string{said(`{"trusted_operators_jwt":["` + token + `"]}`), said(`{"trusted_operators_jwt":["b","c"]}`)}, 1},
		"many":       {[]string{many}, maxOperators},
		"unpaired":   {[]string{said(`{"trusted_operators_jwt":["a","b"],"trusted_operators_claim":[{"sub":"O"}]}`)}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list, err := impostor(t, subjectVarz, tc.answers...).Survey(t.Context(), []Server{{ID: "s1", Name: "s1"}}, SurveyOptions{Account: newRealm(t).appID})
			if err != nil || len(list) != 1 || len(list[0].Operators) != tc.operators || list[0].Resolver != KindUnknown {
				t.Errorf("%+v, %v", list, err)
			}
			for _, o := range list[0].Operators {
				if name == "unpaired" && o.Token != "" {
					t.Error("a token that need not belong to the claims")
				}
			}
		})
	}
}

func TestUnchanged(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.together(t, r.full(t), r.full(t), r.memory(t))
	accounts := r.accounts(t, 4)
	for i, s := range nodes[:2] {
		check(t, s.AccountResolver().Store(accounts[0].ID, accounts[0].Token)) // everywhere
		check(t, s.AccountResolver().Store(accounts[1].ID, accounts[i].Token)) // differs
		if i == 0 {
			check(t, s.AccountResolver().Store(accounts[2].ID, accounts[2].Token)) // missing on one
		}
	}
	c := dialWith(t, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(t, r.sys, nil), Timeout: time.Second})
	roll, err := c.RollCall(t.Context())
	check(t, err)
	profiles, err := c.Survey(t.Context(), roll.Servers, SurveyOptions{Account: r.sysID})
	check(t, err)
	sys := Account{ID: r.sysID, Token: r.sysToken}
	var same []string
	err = c.Unchanged(t.Context(), append(accounts, sys), profiles, func(id string, s Server) { same = append(same, s.Name+" "+id) })
	check(t, err)
	slices.Sort(same)
	want := []string{"n1 " + accounts[0].ID, "n2 " + accounts[0].ID, "n1 " + r.sysID, "n2 " + r.sysID, "n3 " + r.sysID}
	slices.Sort(want)
	if !slices.Equal(same, want) {
		t.Errorf("%q, want %q", same, want)
	}
}
