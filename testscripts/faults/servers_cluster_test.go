//go:build unix

package faults

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	natsserver "github.com/nats-io/nats-server/v2/server"
)

// cluster runs three servers that trust the operator of a store, and keep accounts
// in the directories.
func cluster(t *testing.T, v *victim) (nodes []*natsserver.Server, dirs []string) {
	t.Helper()
	oc, err := jwt.DecodeOperatorClaims(v.operator)
	if err != nil {
		t.Fatal(err)
	}
	sys := string(read(t, filepath.Join(v.dir, ".nsc", "nats", "O", "accounts", "SYS", "SYS.jwt")))
	var routes []*url.URL
	for i := range 3 {
		dirs = append(dirs, t.TempDir())
		store, err := natsserver.NewDirAccResolver(dirs[i], 0, time.Hour, natsserver.NoDelete)
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Store(oc.SystemAccount, sys); err != nil {
			t.Fatal(err)
		}
		s, err := natsserver.NewServer(&natsserver.Options{
			ServerName: fmt.Sprintf("n%d", i+1), Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true, Routes: routes,
			Cluster:          natsserver.ClusterOpts{Name: "C", Host: "127.0.0.1", Port: -1},
			TrustedOperators: []*jwt.OperatorClaims{oc}, SystemAccount: oc.SystemAccount, AccountResolver: store,
		})
		if err != nil {
			t.Fatal(err)
		}
		s.Start()
		t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
		if !s.ReadyForConnections(mostTime) {
			t.Fatal("server does not start")
		}
		routes = append(routes, &url.URL{Scheme: "nats", Host: s.ClusterAddr().String()})
		nodes = append(nodes, s)
	}
	for end := time.Now().Add(mostTime); nodes[0].NumRoutes() == 0 || nodes[1].NumRoutes() == 0 || !knowsAll(v, nodes); {
		if time.Now().After(end) {
			t.Fatal("servers do not find each other")
		}
	}
	return nodes, dirs
}

// knowsAll tells whether the first server has heard of the others.
func knowsAll(v *victim, nodes []*natsserver.Server) bool {
	r := v.run(nil, "diff -u "+nodes[0].ClientURL()+" --json")
	for _, s := range nodes {
		if !strings.Contains(r.stdout, `"name": "`+s.Name()+`"`) {
			return false
		}
	}
	return true
}

// TestPullFromCluster pulls from three servers what was pushed to them, also while
// one of them holds an older copy, and when one has ended.
func TestPullFromCluster(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	nodes, dirs := cluster(t, v)
	at := " -u " + nodes[0].ClientURL()
	v.must(t, "push -A"+at)
	v.must(t, "diff"+at)
	accounts := filepath.Join(v.dir, ".nsc", "nats", "O", "accounts")
	before := look(t, accounts)

	// What is gone comes back as it was.
	forget := func() {
		for _, name := range []string{"A", "B"} {
			if err := os.Remove(filepath.Join(accounts, name, name+".jwt")); err != nil {
				t.Fatal(err)
			}
		}
	}
	forget()
	v.must(t, "pull -A"+at)
	if diff := before.diff(look(t, accounts)); diff != "" {
		t.Errorf("after a pull: %s", diff)
	}

	// One server holds an older copy: the newest counts, and diff tells of it.
	v.write(t, filepath.Join(dirs[2], v.public+".jwt"), v.aged(t))
	forget()
	v.must(t, "pull -A"+at)
	if diff := before.diff(look(t, accounts)); diff != "" {
		t.Errorf("with an older copy: %s", diff)
	}
	if r := v.run(nil, "diff"+at); r.code != 5 || !strings.Contains(r.stdout, `account "A" as stored on 1 server, issued 2001`) {
		t.Errorf("diff with an older copy: %s", r)
	}
	v.write(t, filepath.Join(dirs[2], v.public+".jwt"), v.token)
	v.must(t, "diff"+at)

	// One server has ended: the others have everything.
	nodes[2].Shutdown()
	nodes[2].WaitForShutdown()
	forget()
	if r := v.run(nil, "pull -A"+at); r.code != 0 && r.code != 5 { // 5 while the others still count it
		t.Errorf("with a server that has ended: %s", r)
	}
	if diff := before.diff(look(t, accounts)); diff != "" {
		t.Errorf("with a server that has ended: %s", diff)
	}
}

// TestPullOfTheSameSecond pulls from servers that have different tokens of the same
// second: that is told, and when one of them is to be taken, it is the same each time.
func TestPullOfTheSameSecond(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	nodes, dirs := cluster(t, v)
	at := " -u " + nodes[0].ClientURL()
	v.must(t, "push -A"+at)
	file := filepath.Join(v.dir, ".nsc", "nats", "O", "accounts", "A", "A.jwt")
	now := time.Now().Add(time.Minute).Unix()
	less, greater := v.issuedAt(t, now, 5), v.issuedAt(t, now, 9)
	place := func(tokens ...string) {
		for i, token := range tokens {
			v.write(t, filepath.Join(dirs[i], v.public+".jwt"), token)
		}
	}
	for _, tokens := range [][]string{{less, greater, less}, {greater, less, less}, {less, less, greater}} {
		place(tokens...)
		v.write(t, file, v.token)
		if r := v.run(nil, "pull -A"+at); r.code != 5 || !strings.Contains(r.stdout, "different tokens of the same second") || string(read(t, file)) != v.token {
			t.Errorf("not told, or taken: %s", r)
		}
		for _, begin := range []string{v.token, less, greater} {
			v.write(t, file, begin)
			if r := v.run(nil, "pull -A --overwrite-newer"+at); r.code != 0 || !strings.Contains(r.stdout, "the one whose id sorts last") {
				t.Errorf("%s", r)
			}
			if string(read(t, file)) != greater {
				t.Error("the other one was taken")
			}
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
		if r := v.run(nil, "pull -A"+at); r.code != 5 {
			t.Errorf("anew, and not told: %s", r)
		}
		v.must(t, "pull -A --overwrite-newer"+at)
		if string(read(t, file)) != greater {
			t.Error("the other one was added")
		}
	}

	// An older copy beside the one here makes that no newer than on any server.
	place(v.aged(t), greater, greater)
	for _, flags := range []string{"", " --overwrite-newer"} {
		r := v.run(nil, "pull -A"+flags+at)
		if r.code != 0 || !strings.Contains(r.stdout, "some servers have an older one") || string(read(t, file)) != greater {
			t.Errorf("%s", r)
		}
	}
}
