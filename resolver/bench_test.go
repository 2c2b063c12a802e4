package resolver

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"
)

// benchmarked is how many accounts a benchmark pushes.
const benchmarked = 10_000

// BenchmarkPush pushes 10,000 accounts to a full resolver, with Push and with
// the least a NATS client can do, in turns; "ratio" is Push over bare, which is
// to be 1.5 at most.
func BenchmarkPush(b *testing.B) {
	r := newRealm(b)
	benchmarkPush(b, r, []*server.Server{start(b, r.full(b))})
}

// BenchmarkPushCluster is BenchmarkPush with three servers, of which the bare
// client waits for all; "ratio" is to be 2 at most.
func BenchmarkPushCluster(b *testing.B) {
	r := newRealm(b)
	benchmarkPush(b, r, r.cluster(b, 3))
}

func benchmarkPush(b *testing.B, r *realm, nodes []*server.Server) {
	b.Helper()
	c := dialWith(b, Options{URLs: []string{nodes[0].ClientURL()}, Identity: user(b, r.sys, nil), Timeout: patience})
	nc := client(b, nodes[0], user(b, r.sys, nil))
	accounts := r.accounts(b, benchmarked)
	roll, err := c.RollCall(b.Context())
	check(b, err)
	barePush(b, nc, accounts, len(nodes)) // makes the files
	var bare, ours time.Duration
	for b.Loop() {
		begin := time.Now()
		barePush(b, nc, accounts, len(nodes))
		middle := time.Now()
		sum, err := c.Push(b.Context(), accounts, PushOptions{Expect: roll.Servers})
		if err != nil || !sum.All() {
			b.Fatalf("%+v, %v", sum, err)
		}
		ours += time.Since(middle)
		bare += middle.Sub(begin)
	}
	b.ReportMetric(float64(ours)/float64(bare), "ratio")
	b.ReportMetric(ours.Seconds()*1000/float64(b.N), "push-ms")
	b.ReportMetric(bare.Seconds()*1000/float64(b.N), "bare-ms")
}

// BenchmarkUnchanged finds out that a server has 10,000 accounts as they are.
func BenchmarkUnchanged(b *testing.B) {
	r := newRealm(b)
	benchmarkUnchanged(b, r, []*server.Server{start(b, r.full(b))})
}

// BenchmarkUnchangedCluster is BenchmarkUnchanged with three servers.
func BenchmarkUnchangedCluster(b *testing.B) {
	r := newRealm(b)
	benchmarkUnchanged(b, r, r.cluster(b, 3))
}

func benchmarkUnchanged(b *testing.B, r *realm, nodes []*server.Server) {
	b.Helper()
	c := dial(b, nodes[0], user(b, r.sys, nil))
	accounts := r.accounts(b, benchmarked)
	barePush(b, client(b, nodes[0], user(b, r.sys, nil)), accounts, len(nodes))
	var profiles []Profile
	for _, s := range nodes {
		profiles = append(profiles, Profile{Server: Server{ID: s.ID(), Name: s.Name()}, Resolver: KindFull})
	}
	for b.Loop() {
		same := 0
		check(b, c.Unchanged(b.Context(), accounts, profiles, func(string, Server) { same++ }))
		if same != benchmarked*len(nodes) {
			b.Fatalf("%d unchanged", same)
		}
	}
}

// BenchmarkHTTPPush posts 10,000 accounts to an account server, with Push and with
// plain posts, as many at a time; "ratio" is Push over plain.
func BenchmarkHTTPPush(b *testing.B) {
	accounts := newRealm(b).accounts(b, benchmarked)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	b.Cleanup(s.Close)
	h, err := NewHTTP(HTTPOptions{})
	check(b, err)
	b.Cleanup(h.Close)
	var plain, ours time.Duration
	for b.Loop() {
		begin := time.Now()
		plainPosts(b, s.URL, accounts)
		middle := time.Now()
		sum, err := h.Push(b.Context(), s.URL, accounts, HTTPPushOptions{})
		if err != nil || !sum.All() || sum.Results.Stored != benchmarked {
			b.Fatalf("%+v, %v", sum, err)
		}
		ours += time.Since(middle)
		plain += middle.Sub(begin)
	}
	b.ReportMetric(float64(ours)/float64(plain), "ratio")
	b.ReportMetric(ours.Seconds()*1000/float64(b.N), "push-ms")
	b.ReportMetric(plain.Seconds()*1000/float64(b.N), "plain-ms")
}

// plainPosts posts with the least that there is.
func plainPosts(b *testing.B, url string, accounts []Account) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: DefaultPosts}}
	defer client.CloseIdleConnections()
	var group errgroup.Group
	group.SetLimit(DefaultPosts)
	for _, a := range accounts {
		group.Go(func() error {
			answer, err := client.Post(url+"/accounts/"+a.ID, "application/jwt", strings.NewReader(a.Token))
			if err != nil {
				return err
			}
			return answer.Body.Close()
		})
	}
	check(b, group.Wait())
}

// barePush keeps 256 requests in flight and counts replies unread.
func barePush(b *testing.B, nc *nats.Conn, accounts []Account, servers int) {
	b.Helper()
	inbox := nats.NewInbox()
	replies := make(chan *nats.Msg, len(accounts)*servers)
	sub, err := nc.ChanSubscribe(inbox, replies)
	check(b, err)
	for sent, got := 0, 0; got < len(accounts)*servers; {
		for ; sent < len(accounts) && sent-got/servers < defaultInFlight; sent++ {
			check(b, nc.PublishRequest(subjectClaimsUpdate, inbox, []byte(accounts[sent].Token)))
		}
		<-replies
		got++
	}
	check(b, sub.Unsubscribe())
}

func BenchmarkDecodeReply(b *testing.B) {
	data := []byte(answer("NBIHEMJVF6SCWMEY6333IW6AYEKYQETFTGKBXWLOWZEEBOG2Y4HJ4BBF", "A", "jwt updated"))
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := decodeReply(data); !ok {
			b.Fatal("not taken")
		}
	}
}
