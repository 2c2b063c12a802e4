package resolver

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"nkeep/internal/testkeys"
	"nkeep/internal/testports"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// TestRequestsHaveNoHeaders: some servers take headers for a part of the claims.
func TestRequestsHaveNoHeaders(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.deleting(t))
	nc := client(t, s, user(t, r.sys, nil))
	var mu sync.Mutex
	asked := map[string]nats.Header{}
	_, err := nc.Subscribe("$SYS.REQ.>", func(m *nats.Msg) {
		mu.Lock()
		defer mu.Unlock()
		asked[m.Subject] = m.Header
	})
	check(t, err)
	check(t, nc.Flush())
	c := dial(t, s, user(t, r.sys, nil))
	accounts := r.accounts(t, 1)
	id := accounts[0].ID
	_, err = c.Push(t.Context(), accounts, PushOptions{})
	check(t, err)
	_, err = c.UpdateLoaded(t.Context(), accounts, PushOptions{})
	check(t, err)
	_, err = c.Lookup(t.Context(), id)
	check(t, err)
	_, err = c.Delete(t.Context(), deletion(t, r.operator, id), nil)
	check(t, err)
	for _, subject := range []string{subjectClaimsUpdate, subjectClaimsDelete, prefixAccount + id + suffixLoadedUpdate, prefixAccount + id + suffixLookup} {
		eventually(t, func() bool { mu.Lock(); defer mu.Unlock(); _, ok := asked[subject]; return ok })
		mu.Lock()
		if len(asked[subject]) > 0 {
			t.Errorf("%s: has the headers %v", subject, asked[subject])
		}
		mu.Unlock()
	}
}

// TestDeletedAccountComesBack: a server that was away while an account was deleted
// gives it back to the others when it returns; deleted once more, it stays away.
func TestDeletedAccountComesBack(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	var routes []*url.URL
	node := func(name, dir string) *server.Server {
		o := r.options()
		res, err := server.NewDirAccResolver(dir, 0, 100*time.Millisecond, server.HardDelete)
		check(t, err)
		check(t, res.Store(r.sysID, r.sysToken))
		o.AccountResolver, o.ServerName, o.Routes = res, name, routes
		o.Cluster = server.ClusterOpts{Name: "C", Host: "127.0.0.1", Port: -1}
		return start(t, o)
	}
	dir := t.TempDir()
	stays := node("stays", t.TempDir())
	routes = []*url.URL{{Scheme: "nats", Host: stays.ClusterAddr().String()}}
	leaves := node("leaves", dir)
	c := dial(t, stays, user(t, r.sys, nil))
	everywhere := func(holds func(ids []string) bool, servers int) func() bool {
		return func() bool {
			list, err := c.List(t.Context(), nil)
			return err == nil && len(list) == servers && !slices.ContainsFunc(list, func(l Listing) bool { return l.Silent || !holds(l.Accounts) })
		}
	}
	accounts := r.accounts(t, 1)
	has := func(ids []string) bool { return slices.Contains(ids, accounts[0].ID) }
	hasNot := func(ids []string) bool { return !has(ids) }
	remove := func() {
		_, err := c.Delete(t.Context(), deletion(t, r.operator, accounts[0].ID), nil)
		check(t, err)
	}

	eventually(t, everywhere(hasNot, 2))
	_, err := c.Push(t.Context(), accounts, PushOptions{})
	check(t, err)
	eventually(t, everywhere(has, 2))
	leaves.Shutdown()
	leaves.WaitForShutdown()
	remove()
	eventually(t, everywhere(hasNot, 1))
	node("leaves", dir)
	eventually(t, everywhere(has, 2))
	remove()
	eventually(t, everywhere(hasNot, 2))
}

// TestPurgeJetStream: servers keep the streams of an account that is deleted, and
// delete them when they are asked to.
func TestPurgeJetStream(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	app := jwt.NewAccountClaims(r.appID)
	app.Name, app.Limits.JetStreamLimits = "APP", jwt.JetStreamLimits{DiskStorage: -1, MemoryStorage: -1, Streams: -1, Consumer: -1}
	account := Account{r.appID, testkeys.Encode(t, app, r.operator)}
	var routes []*url.URL
	for _, a := range testports.Free(t, 3) { // servers with JetStream want to know their neighbours beforehand
		routes = append(routes, &url.URL{Scheme: "nats", Host: a})
	}
	var nodes []*server.Server
	for i, own := range routes {
		o := r.memory(t, account)
		o.ServerName, o.Routes, o.JetStream, o.StoreDir = fmt.Sprintf("n%d", i), routes, true, t.TempDir()
		port, err := strconv.Atoi(own.Port())
		check(t, err)
		o.Cluster = server.ClusterOpts{Name: "C", Host: own.Hostname(), Port: port}
		s, err := server.NewServer(o)
		check(t, err)
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		nodes = append(nodes, s)
	}
	eventually(t, func() bool {
		return !slices.ContainsFunc(nodes, func(s *server.Server) bool {
			return !s.ReadyForConnections(time.Millisecond) || !s.JetStreamIsCurrent()
		})
	})
	js, err := client(t, nodes[0], user(t, r.app, nil)).JetStream()
	check(t, err)
	eventually(t, func() bool {
		_, err := js.AddStream(&nats.StreamConfig{Name: "S", Subjects: []string{"s"}})
		return err == nil
	})
	c := dial(t, nodes[0], user(t, r.sys, restricted(PurgePermissions(), []string{everyInbox})))
	if _, err := js.StreamInfo("S"); err != nil {
		t.Fatal(err)
	}
	check(t, c.PurgeJetStream(t.Context(), r.appID))
	eventually(t, func() bool { _, err := js.StreamInfo("S"); return err != nil })
	if err := c.PurgeJetStream(t.Context(), "x"); err == nil {
		t.Error("the key of no account is taken")
	}
}
