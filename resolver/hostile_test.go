package resolver

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// impostor answers requests on a server without accounts.
func impostor(t *testing.T, subject string, answers ...string) *Conn {
	t.Helper()
	s := start(t, baseOptions())
	nc := client(t, s, Identity{})
	_, err := nc.Subscribe(subject, func(m *nats.Msg) {
		for _, a := range answers {
			_ = m.Respond([]byte(a)) // fails when the test is over
		}
	})
	check(t, err)
	check(t, nc.Flush())
	return dialWith(t, Options{URLs: []string{s.ClientURL()}, Timeout: short})
}

func answer(server, account, message string) string {
	return fmt.Sprintf(`{"server":{"id":%q,"name":%q},"data":{"account":%q,"code":200,"message":%q}}`, server, server, account, message)
}

func TestHostilePushReplies(t *testing.T) {
	t.Parallel()
	accounts := newRealm(t).accounts(t, 2)
	a, b := accounts[0], accounts[1]
	ok := answer("s1", a.ID, "jwt updated")
	for name, tc := range map[string]struct {
		answers []string
		want    Tally
	}{
		"garbage":         {[]string{"", "garbage", "null", "[]", "{}", `{"server":7}`, "\x00\xff"}, Tally{Silent: 1}},
		"other account":   {[]string{answer("s1", b.ID, "jwt updated")}, Tally{Silent: 1}},
		"no account":      {[]string{answer("s1", "", "jwt updated")}, Tally{Silent: 1}},
		"no server":       {[]string{answer("", a.ID, "jwt updated")}, Tally{Silent: 1}},
		"deep":            {[]string{strings.Repeat("[", 200_000)}, Tally{Silent: 1}},
		"data and error":  {[]string{`{"server":{"id":"s1","name":"s1"},"data":{"account":"` + a.ID + `"},"error":{}}`}, Tally{Silent: 1}},
		"odd code":        {[]string{`{"server":{"id":"s1","name":"s1"},"data":{"account":"` + a.ID + `","code":503}}`}, Tally{Rejected: 1}},
		"error":           {[]string{`{"server":{"id":"s1","name":"s1"},"error":{"account":"n/a","code":500}}`}, Tally{Rejected: 1}},
		"other's error":   {[]string{`{"server":{"id":"s1","name":"s1"},"error":{"account":"` + b.ID + `","code":500}}`}, Tally{Silent: 1}},
		"after garbage":   {[]string{"garbage", answer("s1", b.ID, "jwt updated"), ok}, Tally{Stored: 1}},
		"duplicates":      {[]string{ok, ok, ok}, Tally{Stored: 1}},
		"a server more":   {[]string{answer("s2", a.ID, "jwt updated"), ok}, Tally{Stored: 2}},
		"only a stranger": {[]string{answer("s2", a.ID, "jwt updated")}, Tally{Stored: 1, Silent: 1}},
		"error then good": {[]string{`{"server":{"id":"s0","name":"s0"},"error":{"code":500}}`, ok}, Tally{Stored: 1, Rejected: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := impostor(t, subjectClaimsUpdate, tc.answers...)
			sum, err := c.Push(t.Context(), []Account{a}, PushOptions{Expect: []Server{{ID: "s1", Name: "s1"}}})
			check(t, err)
			if sum.Results != tc.want {
				t.Errorf("results %+v, want %+v", sum.Results, tc.want)
			}
			if complete := tc.want.Stored > 0 && tc.want.Silent == 0; (sum.Complete == 1) != complete {
				t.Errorf("complete %d", sum.Complete)
			}
		})
	}
}

func TestHostileMessageIsBounded(t *testing.T) {
	t.Parallel()
	a := newRealm(t).accounts(t, 1)[0]
	c := impostor(t, subjectClaimsUpdate, answer("s1", a.ID, strings.Repeat("é", 300_000)))
	var got Result
	_, err := c.Push(t.Context(), []Account{a}, PushOptions{Expect: []Server{{ID: "s1"}}, OnResult: func(r Result) { got = r }})
	check(t, err)
	if len(got.Message) != maxMessage || got.Outcome != Stored {
		t.Errorf("message of %d bytes, %s", len(got.Message), got.Outcome)
	}
}

func TestSilentServerIsAskedAgain(t *testing.T) {
	t.Parallel()
	a := newRealm(t).accounts(t, 1)[0]
	s := start(t, baseOptions())
	nc := client(t, s, Identity{})
	asked := 0
	_, err := nc.Subscribe(subjectClaimsUpdate, func(m *nats.Msg) {
		if len(m.Header) > 0 {
			t.Errorf("headers %v", m.Header)
		}
		if asked++; asked == 2 {
			check(t, m.Respond([]byte(answer("s1", a.ID, "jwt updated"))))
		}
	})
	check(t, err)
	check(t, nc.Flush())
	c := dialWith(t, Options{URLs: []string{s.ClientURL()}, Timeout: short})
	sum, err := c.Push(t.Context(), []Account{a}, PushOptions{Expect: []Server{{ID: "s1"}}})
	if err != nil || !sum.All() {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestHostileRollCall(t *testing.T) {
	t.Parallel()
	stats := func(id string, active int) string {
		return fmt.Sprintf(`{"server":{"id":%q,"name":%q,"ver":"2"},"statsz":{"active_servers":%d}}`, id, id, active)
	}
	for name, tc := range map[string]struct {
		answers []string
		servers int
		missing int
		err     error
	}{
		"garbage":     {[]string{"x", "{}", `{"server":{"id":"a","name":"a"}}`, `{"server":{"id":"a","name":"a"},"error":{}}`}, 0, 0, ErrNoAnswer},
		"duplicates":  {[]string{stats("a", 3), stats("a", 3), stats("b", 3)}, 2, 1, nil},
		"boasting":    {[]string{stats("a", 2_000_000_000)}, 1, maxServers - 1, nil},
		"negative":    {[]string{stats("a", -5)}, 1, 0, nil},
		"as expected": {[]string{stats("b", 2), "x", stats("a", 2)}, 2, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			roll, err := impostor(t, subjectRollCall, tc.answers...).RollCall(t.Context())
			if !errors.Is(err, tc.err) || len(roll.Servers) != tc.servers || roll.Missing != tc.missing {
				t.Errorf("%+v, %v", roll, err)
			}
		})
	}
}

func TestHostileList(t *testing.T) {
	t.Parallel()
	id := newRealm(t).appID
	c := impostor(t, subjectClaimsList,
		`{"server":{"id":"s1","name":"s1"},"data":{"not":"a list"}}`,
		`{"server":{"id":"s1","name":"s1"},"data":["`+id+`","../../x","`+id+`",""]}`)
	list, err := c.List(t.Context(), []Server{{ID: "s1", Name: "s1"}, {ID: "s2", Name: "s2"}})
	check(t, err)
	if len(list) != 2 || len(list[0].Accounts) != 1 || list[0].Accounts[0] != id || !list[1].Silent {
		t.Errorf("%+v", list)
	}
}

func TestHostileLookup(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	app, other := r.account(t, r.app, "APP"), r.accounts(t, 1)[0]
	subject := prefixAccount + "*" + suffixLookup
	got, err := impostor(t, subject, "garbage", "a.b.c", other.Token, "", app.Token).Lookup(t.Context(), app.ID)
	if err != nil || got != app.Token {
		t.Errorf("%q, %v", got, err)
	}
	if _, err = impostor(t, subject, other.Token).Lookup(t.Context(), app.ID); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("only another account: %v", err)
	}
}

func TestHostileInForce(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	info := `{"server":{"id":"s1","name":"s1"},"data":{"account_name":%q,"jwt":"x.y.z"}}`
	c := impostor(t, prefixAccount+"*"+suffixInfo, "{", fmt.Sprintf(info, r.sysID))
	force, err := c.InForce(t.Context(), r.appID, []Server{{ID: "s1", Name: "s1"}})
	if err != nil || len(force) != 1 || force[0].State != NoReply {
		t.Errorf("%+v, %v", force, err)
	}
}

func FuzzDecodeReply(f *testing.F) {
	f.Add([]byte(answer("s", "A", "jwt updated")))
	f.Add([]byte(`{"server":{"id":"s","name":"s"},"error":{"code":500,"description":"x"}}`))
	f.Add([]byte(`{"server":null,"data":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, ok := decodeReply(data)
		if !ok {
			return
		}
		if r.server.ID == "" || (r.fault == nil) == (r.data == nil) {
			t.Errorf("accepted %q", data)
		}
		result, _ := decodeResult("A", r)
		if len(result.Message) > maxMessage || len(r.server.Name) > maxName {
			t.Errorf("unbounded: %q", data)
		}
		if _, err := json.Marshal(result); err != nil {
			t.Error(err)
		}
		decodeInForce("A", r)
	})
}

// TestListsThatAreTooLong: who lists more than is taken has answered, and nobody waits.
func TestListsThatAreTooLong(t *testing.T) {
	t.Parallel()
	const each = 12_000 // as many as a message holds
	var answers []string
	var servers []Server
	for s := range maxKnown/each + 2 {
		ids := make([]string, each)
		for i := range ids {
			raw := binary.BigEndian.AppendUint64(make([]byte, 24), uint64(s*each+i))
			public, err := nkeys.Encode(nkeys.PrefixByteAccount, raw)
			check(t, err)
			ids[i] = string(public)
		}
		id := fmt.Sprintf("s%02d", s)
		servers = append(servers, Server{ID: id, Name: id})
		answers = append(answers, fmt.Sprintf(`{"server":{"id":%q,"name":%q},"data":["%s"]}`, id, id, strings.Join(ids, `","`)))
	}
	c := impostor(t, subjectClaimsList, answers...)
	began := time.Now()
	lists, err := c.List(t.Context(), servers)
	check(t, err)
	if took := time.Since(began); took >= listPatience {
		t.Errorf("waited %s for who had answered", took)
	}
	for i, l := range lists {
		if tooLong := i > maxKnown/each-1; l.Silent != tooLong || (len(l.Accounts) == 0) != tooLong {
			t.Errorf("server %s: silent %t, %d accounts", l.Server.ID, l.Silent, len(l.Accounts))
		}
	}
}
