package resolver

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// BenchmarkPush pushes 1,000 accounts to a full resolver, with Push and with
// the least a NATS client can do, in turns; "ratio" is Push over bare.
func BenchmarkPush(b *testing.B) {
	r := newRealm(b)
	s := start(b, r.full(b))
	c := dial(b, s, user(b, r.sys, nil))
	nc := client(b, s, user(b, r.sys, nil))
	accounts := r.accounts(b, 1000)
	expect := []Server{{ID: s.ID(), Name: s.Name()}}
	barePush(b, nc, accounts) // makes the files
	var bare, ours time.Duration
	for b.Loop() {
		begin := time.Now()
		barePush(b, nc, accounts)
		middle := time.Now()
		sum, err := c.Push(b.Context(), accounts, PushOptions{Expect: expect})
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

// barePush keeps 256 requests in flight and counts replies unread.
func barePush(b *testing.B, nc *nats.Conn, accounts []Account) {
	b.Helper()
	inbox := nats.NewInbox()
	replies := make(chan *nats.Msg, len(accounts))
	sub, err := nc.ChanSubscribe(inbox, replies)
	check(b, err)
	for sent, got := 0, 0; got < len(accounts); {
		for ; sent < len(accounts) && sent-got < defaultInFlight; sent++ {
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
