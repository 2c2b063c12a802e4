package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// watch starts a watcher and returns its events once it is ready.
func watch(t *testing.T, c *Conn, o WatchOptions) *watched {
	t.Helper()
	events, ready := make(chan Event, 256), make(chan struct{})
	done := make(chan error, 1)
	o.Ready = func() { close(ready) }
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		done <- c.Watch(ctx, o, func(e Event) {
			select {
			case events <- e:
			default:
			}
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("watch: %v", err)
		}
	})
	select {
	case <-ready:
	case <-time.After(patience):
		t.Fatal("watch does not start")
	}
	return &watched{events: events}
}

// watched is what a watch has seen so far. Servers promise no order between
// events of different kinds, so those that nobody awaits yet are kept.
type watched struct {
	events <-chan Event
	kept   []Event
}

// await returns the next event of a kind.
func await(t *testing.T, w *watched, kind EventKind) Event {
	t.Helper()
	if i := slices.IndexFunc(w.kept, func(e Event) bool { return e.Kind == kind }); i >= 0 {
		e := w.kept[i]
		w.kept = slices.Delete(w.kept, i, i+1)
		return e
	}
	deadline := time.After(patience)
	for {
		select {
		case e := <-w.events:
			if e.Kind == kind {
				return e
			}
			w.kept = append(w.kept, e)
		case <-deadline:
			t.Fatalf("no event %s", kind)
		}
	}
}

// awaitOf leaves out what is about other accounts, as the watcher's own login may be.
func awaitOf(t *testing.T, w *watched, kind EventKind, account string) Event {
	t.Helper()
	for {
		if e := await(t, w, kind); e.Account == account {
			return e
		}
	}
}

func watchable(t *testing.T) (*realm, *server.Server, Account) {
	t.Helper()
	r := newRealm(t)
	s := start(t, r.full(t))
	app := r.account(t, r.app, "APP")
	check(t, s.AccountResolver().Store(app.ID, app.Token))
	return r, s, app
}

func TestWatch(t *testing.T) {
	t.Parallel()
	r, s, app := watchable(t)
	now := time.Unix(1_700_000_000, 0)
	c := dial(t, s, user(t, r.sys, nil))
	events := watch(t, c, WatchOptions{Now: func() time.Time { return now }})

	nc := client(t, s, user(t, r.app, nil))
	e := awaitOf(t, events, EventConnect, app.ID)
	if e.Account != app.ID || e.AccountName != "APP" || e.UserName != "tester" || e.Client.Lang != "go" ||
		e.Server.ID != s.ID() || e.Time.IsZero() || e.User == "" || e.ID == "" || !json.Valid(e.Raw) {
		t.Errorf("connect %+v", e)
	}
	if e = awaitOf(t, events, EventConnections, app.ID); e.Account != app.ID || e.Connections == nil || *e.Connections != 1 {
		t.Errorf("connections %+v", e)
	}
	nc.Close()
	if e = awaitOf(t, events, EventDisconnect, app.ID); e.Account != app.ID || e.Reason == "" {
		t.Errorf("disconnect %+v", e)
	}
	if _, err := nats.Connect(s.ClientURL()); err == nil {
		t.Error("login without credentials")
	}
	if e = await(t, events, EventAuthError); e.Server.ID != s.ID() || e.Reason == "" {
		t.Errorf("auth error %+v", e)
	}
	if _, err := c.Push(t.Context(), []Account{app}, PushOptions{}); err != nil {
		t.Error(err)
	}
	if e = await(t, events, EventClaimsUpdate); e.Account != app.ID || e.AccountName != "APP" || !e.Time.Equal(now) {
		t.Errorf("claims update %+v", e)
	}
	if e = await(t, events, EventServerStats); e.Server.Name != s.Name() || e.Time.IsZero() {
		t.Errorf("server stats %+v", e)
	}
}

func TestWatchLeavingServer(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 2)
	events := watch(t, dial(t, nodes[0], user(t, r.sys, nil)), WatchOptions{})
	nodes[1].Shutdown()
	if e := await(t, events, EventShutdown); e.Server.ID != nodes[1].ID() || e.Server.Name != "n2" || e.Time.IsZero() {
		t.Errorf("shutdown %+v", e)
	}
}

// The least permissions suffice for everything that is watched, servers included.
func TestWatchAllWithLeastPermissions(t *testing.T) {
	t.Parallel()
	r, s, app := watchable(t)
	pub, sub := PushPermissions()
	morePub, moreSub := EventPermissions()
	both := restricted(append(pub, morePub...), append(sub, moreSub...))
	c := dial(t, s, user(t, r.sys, both))
	events := watch(t, c, WatchOptions{})
	if _, err := c.Push(t.Context(), []Account{app}, PushOptions{}); err != nil {
		t.Error(err)
	}
	if e := await(t, events, EventClaimsUpdate); e.Account != app.ID {
		t.Errorf("claims update %+v", e)
	}
}

func TestWatchOneAccount(t *testing.T) {
	t.Parallel()
	r, s, app := watchable(t)
	c := dial(t, s, user(t, r.sys, restricted(EventPermissions(app.ID))))
	events := watch(t, c, WatchOptions{Accounts: []string{app.ID}})
	pusher := dial(t, s, user(t, r.sys, nil)) // connects to another account
	if _, err := pusher.Push(t.Context(), append(r.accounts(t, 1), app), PushOptions{}); err != nil {
		t.Error(err)
	}
	client(t, s, user(t, r.app, nil))
	for kind := EventKind(""); kind != EventConnect; {
		e := <-events.events
		if e.Account != app.ID {
			t.Errorf("event of another account: %+v", e)
		}
		kind = e.Kind
	}
}

func TestWatchWithoutPermission(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dial(t, s, user(t, r.sys, restricted(PushPermissions())))
	if err := c.Watch(t.Context(), WatchOptions{}, func(Event) {}); !errors.Is(err, ErrPermission) {
		t.Errorf("error %v", err)
	}
	if err := c.Watch(t.Context(), WatchOptions{Accounts: []string{">"}}, func(Event) {}); err == nil {
		t.Error("a wildcard is no account")
	}
}

func TestWatchReportsLoss(t *testing.T) {
	t.Parallel()
	s := start(t, baseOptions())
	nc := client(t, s, Identity{})
	c := dial(t, s, Identity{})
	got := make(chan Event, 1)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	hold, ready, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		done <- c.Watch(ctx, WatchOptions{Ready: func() { close(ready) }}, func(e Event) {
			<-hold
			if e.Kind == EventLost {
				select {
				case got <- e:
				default:
				}
			}
		})
	}()
	<-ready
	big := make([]byte, 1<<20)
	for range maxPendingBytes>>20 + 128 {
		check(t, nc.Publish(subjectClaimsUpdate, big))
	}
	check(t, nc.Flush())
	check(t, c.nc.Flush()) // everything was delivered or dropped
	close(hold)
	select {
	case <-got:
	case <-time.After(patience):
		t.Error("no word of lost events")
	}
	cancel()
	check(t, <-done)
}

// Servers publish one event about connections on two subjects.
func TestWatchTellsConnectionsOnce(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, baseOptions()), Identity{})
	box := c.newMailbox()
	t.Cleanup(box.close)
	var got []string
	w := watcher{box: box, each: func(e Event) { got = append(got, e.ID) }}
	for _, id := range []string{"1", "1", "2", "1", "", ""} {
		w.take(Event{Kind: EventConnections, ID: id})
	}
	if !slices.Equal(got, []string{"1", "2", "", ""}) {
		t.Errorf("events %q", got)
	}
}

// What happens while the connection is lost is not known, which is told.
func TestWatchTellsOfGaps(t *testing.T) {
	t.Parallel()
	r, s, _ := watchable(t)
	c := dial(t, s, user(t, r.sys, restricted(EventPermissions())))
	events := watch(t, c, WatchOptions{})
	check(t, c.nc.ForceReconnect())
	eventually(t, func() bool { return c.nc.Stats().Reconnects == 1 && c.nc.IsConnected() && c.nc.Flush() == nil })
	client(t, s, user(t, r.app, nil))
	if e := await(t, events, EventLost); !strings.Contains(e.Reason, "connection was lost") {
		t.Errorf("lost %+v", e)
	}
	await(t, events, EventConnect)
	for _, e := range events.kept {
		if e.Kind == EventLost {
			t.Errorf("told again: %+v", e)
		}
	}
}

// A leaf node that connects is told, with the account that it is bound to.
func TestWatchLeafnode(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	o := r.full(t)
	o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", -1
	o.Gateway = server.GatewayOpts{Name: "C", Host: "127.0.0.1", Port: -1} // without which servers keep it to themselves
	hub := start(t, o)
	app := r.account(t, r.app, "APP")
	check(t, hub.AccountResolver().Store(app.ID, app.Token))
	for name, permissions := range map[string]func(*jwt.UserClaims){
		"all":         restricted(EventPermissions()),
		"one account": restricted(EventPermissions(app.ID)),
	} {
		t.Run(name, func(t *testing.T) {
			events := watch(t, dial(t, hub, user(t, r.sys, permissions)), WatchOptions{Accounts: accountsFor(name, app)})
			leaf := start(t, leafOf(t, hub, user(t, r.app, nil)))
			e := await(t, events, EventLeafnode)
			if e.Account != app.ID || e.Server.ID != hub.ID() || e.Server.Name == "" || e.Time.IsZero() || !json.Valid(e.Raw) {
				t.Errorf("leaf node %+v", e)
			}
			c := await(t, events, EventConnections)
			for c.Connections != nil && *c.Connections == 0 { // those of the leaf node before, which are told late
				c = await(t, events, EventConnections)
			}
			if c.Account != app.ID || c.Connections == nil || *c.Connections != 1 {
				t.Errorf("connections %+v", c)
			}
			leaf.Shutdown()
			eventually(t, func() bool { return hub.NumLeafNodes() == 0 })
		})
	}
}

func accountsFor(name string, a Account) []string {
	if name == "all" {
		return nil
	}
	return []string{a.ID}
}

// leafOf are the options of a server that connects to another as its leaf node.
func leafOf(t *testing.T, hub *server.Server, id Identity) *server.Options {
	t.Helper()
	varz, err := hub.Varz(nil)
	check(t, err)
	o := baseOptions()
	o.LeafNode.Remotes = []*server.RemoteLeafOpts{{
		URLs: []*url.URL{{Scheme: "nats-leaf", Host: fmt.Sprintf("127.0.0.1:%d", varz.LeafNode.Port)}},
		SignatureCB: func(nonce []byte) (string, []byte, error) {
			token, err := id.Token()
			if err != nil {
				return "", nil, err
			}
			signature, err := id.Sign(nonce)
			return token, signature, err
		},
	}}
	return o
}

// A server that asks its clients to leave says so before it leaves.
func TestWatchLameDuck(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	nodes := r.cluster(t, 2)
	events := watch(t, dial(t, nodes[0], user(t, r.sys, restricted(EventPermissions()))), WatchOptions{})
	go nodes[1].LameDuckShutdown()
	if e := await(t, events, EventLameDuck); e.Server.ID != nodes[1].ID() || e.Server.Name != "n2" || e.Time.IsZero() {
		t.Errorf("lame duck %+v", e)
	}
}
