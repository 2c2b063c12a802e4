package resolver

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// asks connects with the least that questions take.
func (r *realm) asks(t *testing.T, s *server.Server, accounts []string, questions ...Question) *Conn {
	t.Helper()
	id := user(t, r.sys, restricted(AskPermissions(accounts, questions...)))
	return dialWith(t, Options{URLs: []string{s.ClientURL()}, Identity: id, Timeout: patience}) // the machine may be slow
}

func TestQuestionsToACluster(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 3)
	app := r.account(t, r.app, "APP")
	for _, s := range nodes {
		check(t, s.AccountResolver().Store(app.ID, app.Token))
	}
	client(t, nodes[1], user(t, r.app, func(c *jwt.UserClaims) { c.Tags.Add("team:a") }))
	c := r.asks(t, nodes[0], []string{r.sysID, app.ID}, AskStatistics, AskPing, AskDetails, AskSurvey, AskAccounts, AskInForce, AskConnections)

	roll, stats, err := c.Statistics(t.Context())
	eventually(t, func() bool { // each knows all others
		roll, stats, err = c.Statistics(t.Context())
		return err == nil && !slices.ContainsFunc(stats, func(s Statistics) bool { return s.ActiveServers != 3 })
	})
	if err != nil || len(stats) != 3 || len(roll.Servers) != 3 || roll.Missing != 0 {
		t.Fatalf("%+v, %v", roll, err)
	}
	for i, s := range stats {
		if s.Name != fmt.Sprintf("n%d", i+1) || s.Server != roll.Servers[i] || s.RTT <= 0 || s.Memory <= 0 || s.Start.IsZero() || s.ActiveServers != 3 {
			t.Errorf("%+v", s)
		}
	}
	if stats[1].Connections != 1 {
		t.Errorf("%d connections", stats[1].Connections)
	}
	took, err := c.Ping(t.Context(), roll.Servers)
	if err != nil || len(took) != 3 || took[roll.Servers[2].ID] <= 0 {
		t.Errorf("ping %v, %v", took, err)
	}
	d, err := c.Details(t.Context(), roll.Servers[2])
	if err != nil || d.ID != nodes[2].ID() || d.SystemAccount != r.sysID || len(d.Operators) != 1 || d.Operators[0].Name != "O" || d.ConfigLoaded.IsZero() ||
		!slices.ContainsFunc(d.Listen, func(l Listener) bool { return l.For == "routes" && l.Host == "127.0.0.1" && l.Port > 0 }) {
		t.Errorf("%+v, %v", d, err)
	}
	loaded, err := c.LoadedAccounts(t.Context(), roll.Servers)
	if err != nil || len(loaded) != 3 {
		t.Fatalf("%+v, %v", loaded, err)
	}
	if l := loaded[1]; l.SystemAccount != r.sysID || !slices.Contains(l.Accounts, app.ID) {
		t.Errorf("%+v", l)
	}
	infos, err := c.AccountInfo(t.Context(), app.ID, roll.Servers)
	if err != nil || len(infos) != 3 {
		t.Fatalf("%+v, %v", infos, err)
	}
	if f := infos[1]; f.State != Loaded || f.Token != app.Token || f.Clients != 1 {
		t.Errorf("%+v", f)
	}
	var conns []Connection
	silent, whole, err := c.Connections(t.Context(), "", roll.Servers, func(c Connection) {
		if c.Account != r.sysID {
			conns = append(conns, c)
		}
	})
	if err != nil || !whole || len(silent) != 0 || len(conns) != 1 {
		t.Fatalf("%+v, %v %v %v", conns, silent, whole, err)
	}
	if got := conns[0]; got.Server.Name != "n2" || got.Account != app.ID || got.UserName != "tester" || got.Issuer != app.ID ||
		!slices.Equal(got.Tags, []string{"team:a"}) || got.Issued.IsZero() || !got.Expires.IsZero() || got.TokenID == "" {
		t.Errorf("%+v", got)
	}
}

// What the lists do not name is refused, so that they are known to say something.
func TestQuestionsWithoutPermission(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := r.asks(t, s, nil, AskStatistics)
	roll, err := c.RollCall(t.Context())
	check(t, err)
	if _, err := c.Ping(t.Context(), roll.Servers); !errors.Is(err, ErrPermission) {
		t.Errorf("ping: %v", err)
	}
	if _, err := c.Details(t.Context(), roll.Servers[0]); !errors.Is(err, ErrPermission) {
		t.Errorf("details: %v", err)
	}
	if _, err := c.LoadedAccounts(t.Context(), roll.Servers); !errors.Is(err, ErrPermission) {
		t.Errorf("accounts: %v", err)
	}
	if _, err := c.AccountInfo(t.Context(), r.sysID, roll.Servers); !errors.Is(err, ErrPermission) {
		t.Errorf("account: %v", err)
	}
	if _, _, err := c.Connections(t.Context(), "", roll.Servers, func(Connection) {}); !errors.Is(err, ErrPermission) {
		t.Errorf("connections: %v", err)
	}
}

// More connections than fit into two pages are all told, each once.
func TestConnectionsInPages(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	app, other := r.account(t, r.app, "APP"), r.accounts(t, 1)[0]
	s := start(t, r.memory(t, app, other))
	const page = 16
	const count = 2*page + 1
	login := user(t, r.app, nil)
	for range count {
		nc, err := nats.Connect("", nats.InProcessServer(s), nats.UserJWT(login.Token, login.Sign), nats.NoReconnect())
		check(t, err)
		t.Cleanup(nc.Close)
	}
	c := r.asks(t, s, nil, AskConnections)
	c.page = page
	roll, err := c.RollCall(t.Context())
	check(t, err)
	seen := map[uint64]int{}
	_, whole, err := c.Connections(t.Context(), app.ID, roll.Servers, func(c Connection) { seen[c.ID]++ })
	if err != nil || !whole || len(seen) != count {
		t.Errorf("%d connections, %v", len(seen), err)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%d: told %d times", id, n)
		}
	}
	told := 0
	if _, _, err := c.Connections(t.Context(), other.ID, roll.Servers, func(Connection) { told++ }); err != nil || told != 0 {
		t.Errorf("other account: %d, %v", told, err)
	}
}

// A server that is gone is told, and does not hide those that answer.
func TestQuestionsToASilentServer(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dialWith(t, Options{URLs: []string{s.ClientURL()}, Identity: user(t, r.sys, nil), Timeout: short})
	expect := []Server{{ID: s.ID(), Name: s.Name()}, {ID: "GONE", Name: "gone"}}
	took, err := c.Ping(t.Context(), expect)
	if err != nil || len(took) != 1 {
		t.Errorf("ping %v, %v", took, err)
	}
	if _, err := c.Details(t.Context(), expect[1]); err == nil {
		t.Error("details of a server that is gone")
	}
	loaded, err := c.LoadedAccounts(t.Context(), expect)
	if err != nil || len(loaded) != 2 || loaded[0].Silent == loaded[1].Silent {
		t.Errorf("%+v, %v", loaded, err)
	}
	infos, err := c.AccountInfo(t.Context(), r.sysID, expect)
	if err != nil || len(infos) != 2 || (infos[0].State == NoReply) == (infos[1].State == NoReply) {
		t.Errorf("%+v, %v", infos, err)
	}
	silent, whole, err := c.Connections(t.Context(), "", expect, func(Connection) {})
	if err != nil || !whole || len(silent) != 1 || silent[0].Name != "gone" {
		t.Errorf("%v %v %v", silent, whole, err)
	}
}

func TestDecodeStatistics(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		payload string
		ok      bool
	}{
		"whole":     {`{"server":{"id":"N1","name":"n1"},"statsz":{"mem":1,"sent":{"msgs":2,"bytes":3}}}`, true},
		"no statsz": {`{"server":{"id":"N1","name":"n1"}}`, false},
		"nobody":    {`{"statsz":{}}`, false},
		"no name":   {`{"server":{"id":"N1"},"statsz":{}}`, false},
		"types":     {`{"server":{"id":"N1","name":"n1"},"statsz":{"mem":"much"}}`, false},
		"no json":   {`{`, false},
	} {
		s, ok := decodeStatistics([]byte(tc.payload))
		if ok != tc.ok {
			t.Errorf("%s: %+v", name, s)
		}
		if ok && (s.Memory != 1 || s.Sent != Traffic{2, 3} || s.RTT != time.Duration(0)) {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

// A list of connections has an end, whatever servers say.
func TestConnectionsAreBounded(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, baseOptions()), Identity{})
	told := 0
	l := connectionList{conn: c, each: func(Connection) { told++ }, seen: map[connectionKey]bool{}}
	for i := range uint64(maxConnections + 10) {
		l.take(Server{ID: "N"}, &connInfo{ID: i})
		l.take(Server{ID: "N"}, &connInfo{ID: i})
	}
	if told != maxConnections || len(l.seen) != maxConnections {
		t.Errorf("told %d, kept %d", told, len(l.seen))
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int64]string{
		0: "0001-01-01T00:00:00Z", -1: "0001-01-01T00:00:00Z", 1_700_000_000: "2023-11-14T22:13:20Z",
		1_700_000_000_000: "9999-12-31T23:59:59Z",
	} {
		got, err := moment(seconds).MarshalText()
		if err != nil || string(got) != want {
			t.Errorf("%d: %s, %v", seconds, got, err)
		}
	}
}

// Whatever a server answers is taken or not, and can be told in JSON.
func FuzzServerAnswers(f *testing.F) {
	f.Add([]byte(`{"server":{"id":"N","name":"n"},"statsz":{"mem":1}}`))
	f.Add([]byte(`{"server":{"id":"N","name":"n"},"data":{"port":4222,"leaf":{"port":1},"tags":["a"],"trusted_operators_claim":[null,{}]}}`))
	f.Add([]byte(`{"server":{"id":"N","name":"n"},"data":{"account_name":"A","jwt":"a.e30.c","imports":[{"subject":"x","invalid":true}],"validation_result_jwt":[{"description":"d"}]}}`))
	f.Add([]byte(`{"server":{"id":"N","name":"n"},"data":{"total":1,"connections":[{"cid":1,"jwt":"a.eyJleHAiOjE3MDAwMDAwMDAwMDB9.c","rtt":"1s"}]}}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		var told []any
		if s, ok := decodeStatistics(payload); ok {
			told = append(told, s)
		}
		if r, ok := decodeReply(payload); ok {
			if d, ok := decodeDetails(r); ok {
				told = append(told, d)
			}
			var a AccountInfo
			if a.fill(r.data) {
				told = append(told, a.bounded())
			}
			var z connz
			if json.Unmarshal(r.data, &z) == nil {
				for i := range z.Connections {
					told = append(told, z.Connections[i].connection(r.server))
				}
			}
		}
		if _, err := json.Marshal(told); err != nil {
			t.Error(err)
		}
	})
}
