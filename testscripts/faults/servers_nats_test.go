//go:build unix

package faults

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// liar answers what a server's own services answer otherwise, on a server that
// lets everybody in. Each answer stands for the subject's last token.
type liar map[string]func(m *nats.Msg)

// newLiar is a server that tells the truth about who it is, and nothing more.
func newLiar() liar {
	const self = `"server":{"id":"S1","name":"s1"}`
	return liar{
		"STATSZ": says(`{` + self + `,"statsz":{"active_servers":1}}`),
		"VARZ":   says(`{` + self + `,"data":{}}`),
		"INFO":   says(`{` + self + `,"error":{"code":500,"description":"account does not exist"}}`),
		"LIST":   says(`{` + self + `,"data":[]}`),
		"LOOKUP": says(""),
	}
}

func says(text string) func(m *nats.Msg) {
	return func(m *nats.Msg) { _ = m.Respond([]byte(text)) }
}

func (l liar) lists(ids ...string) {
	data, _ := json.Marshal(ids) // strings always encode
	l["LIST"] = says(`{"server":{"id":"S1","name":"s1"},"data":` + string(data) + `}`)
}

// start runs the server, and returns its URL.
func (l liar) start(t *testing.T) string {
	t.Helper()
	s, err := natsserver.NewServer(&natsserver.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(mostTime) {
		t.Fatal("server does not start")
	}
	nc, err := nats.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	_, err = nc.Subscribe("$SYS.REQ.>", func(m *nats.Msg) {
		if answer := l[m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]]; answer != nil {
			answer(m)
		}
	})
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s.ClientURL()
}

// TestHostileServers pulls from servers that answer anything but what was asked for.
func TestHostileServers(t *testing.T) {
	t.Parallel()
	for name := range newVictim(t).forgeries(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, l := newVictim(t), newLiar()
			l.lists(v.public)
			l["LOOKUP"] = says(v.forgeries(t)[name])
			l["INFO"] = says(fmt.Sprintf(`{"server":{"id":"S1","name":"s1"},"data":{"account_name":%q,"jwt":%q}}`, v.public, v.forgeries(t)[name]))
			l["VARZ"] = says(fmt.Sprintf(`{"server":{"id":"S1","name":"s1"},"data":{"trusted_operators_jwt":[%q]}}`, v.forgeries(t)[name]))
			testServer(t, v, l)
		})
	}
	for name, spoil := range lies() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, l := newVictim(t), newLiar()
			l.lists(v.public)
			spoil(t, v, l)
			testServer(t, v, l)
		})
	}
}

// TestHonestServer makes sure that the others are not refused for another reason.
func TestHonestServer(t *testing.T) {
	t.Parallel()
	v, l := newVictim(t), newLiar()
	token := v.renewed(t)
	l.lists(v.public)
	l["LOOKUP"] = says(token)
	v.must(t, "pull -A -u "+l.start(t))
	if got := string(read(t, v.file)); got != token {
		t.Errorf("took %s", got)
	}
}

// lies are what goes wrong beside single tokens.
func lies() map[string]func(t *testing.T, v *victim, l liar) {
	everything := func(text string) func(t *testing.T, v *victim, l liar) {
		return func(_ *testing.T, _ *victim, l liar) {
			for subject := range l {
				if subject != "STATSZ" && subject != "LIST" { // for a list servers have 10 seconds
					l[subject] = says(text)
				}
			}
		}
	}
	return map[string]func(t *testing.T, v *victim, l liar){
		"html everywhere":    everything("<html>\x1b[2J"),
		"numbers everywhere": everything("7"),
		"deep everywhere":    everything(strings.Repeat("[", 500_000)),
		"foreign names":      everything(`{"server":{"id":"\u001b[2J","name":"\u001b[2J"},"data":["\u001b[2J"]}`),
		"html for a list":    func(_ *testing.T, _ *victim, l liar) { l["LIST"] = says("<html>\x1b[2J") },
		"list that is none": func(_ *testing.T, _ *victim, l liar) {
			l["LIST"] = says(`{"server":{"id":"S1","name":"s1"},"data":{"a":1}}`)
		},
		"list of other things":  func(_ *testing.T, _ *victim, l liar) { l.lists("../../x", "\x1b[2J", "", "SYS") },
		"silence about details": func(_ *testing.T, _ *victim, l liar) { delete(l, "LOOKUP"); delete(l, "INFO") },
		"one server thrice": func(_ *testing.T, v *victim, l liar) {
			answer := says(v.token)
			l["LOOKUP"] = func(m *nats.Msg) { answer(m); answer(m); answer(m) }
			roll := l["STATSZ"]
			l["STATSZ"] = func(m *nats.Msg) { roll(m); roll(m); roll(m) }
		},
		"accounts without end": func(t *testing.T, _ *victim, l liar) {
			t.Helper()
			var ids []string
			for range 12_000 { // as many as a message holds
				public, err := newPair(t, nkeys.PrefixByteAccount).PublicKey()
				if err != nil {
					t.Fatal(err)
				}
				ids = append(ids, public)
			}
			l.lists(ids...)
			delete(l, "LOOKUP")
		},
		"flood": func(_ *testing.T, _ *victim, l liar) {
			large := []byte(strings.Repeat("x", 1<<20))
			l["LOOKUP"] = func(m *nats.Msg) {
				for end := time.Now().Add(mostTime / 2); time.Now().Before(end); {
					if m.Respond(large) != nil {
						return
					}
				}
			}
		},
	}
}

// testServer asks a server that answers badly.
func testServer(t *testing.T, v *victim, l liar) {
	t.Helper()
	url := l.start(t)
	begin := time.Now()
	v.endure(t, "pull -A -u "+url)
	if time.Since(begin) > time.Second { // once is enough to wait for a timeout
		return
	}
	v.endure(t, "pull -a A -u "+url)
	v.endure(t, "diff -u "+url)
}
