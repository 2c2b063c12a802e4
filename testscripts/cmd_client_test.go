package testscripts

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/rogpeppe/go-internal/testscript"
)

// subscription collects the messages of a subject, each as "subject payload".
type subscription struct {
	mu       sync.Mutex
	messages []string
}

func (s *subscription) find(re *regexp.Regexp) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.messages {
		if re.MatchString(m) {
			return m, true
		}
	}
	return "", false
}

// dial connects to NATS_URL with creds; "-" for none.
func dial(ts *testscript.TestScript, creds string) (*nats.Conn, error) {
	opts := []nats.Option{nats.NoReconnect(), nats.Timeout(patience), nats.Name("script")}
	if creds != "-" {
		opts = append(opts, nats.UserCredentials(ts.MkAbs(creds)))
	}
	return nats.Connect(ts.Getenv("NATS_URL"), opts...)
}

func mustDial(ts *testscript.TestScript, creds string) *nats.Conn {
	nc, err := dial(ts, creds)
	if err != nil {
		ts.Fatalf("connect with %s: %v", creds, err)
	}
	return nc
}

// cmdSub collects the messages of a subject from now on, under a name.
//
//	sub events sys.creds >
func cmdSub(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sub NAME creds subject")
	}
	nc := mustDial(ts, args[1])
	ts.Defer(nc.Close)
	s := &subscription{}
	sessionOf(ts).subs[args[0]] = s
	_, err := nc.Subscribe(args[2], func(m *nats.Msg) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.messages = append(s.messages, m.Subject+" "+string(m.Data))
	})
	ts.Check(err)
	ts.Check(nc.Flush())
}

// cmdReceived waits for a message that matches, and prints it. Negated, it
// says that none has come so far.
//
//	received events 'CONNECT .*"name":"script"'
func cmdReceived(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 || sessionOf(ts).subs[args[0]] == nil {
		ts.Fatalf("usage: received NAME regexp")
	}
	s := sessionOf(ts).subs[args[0]]
	re, err := regexp.Compile("(?s)" + args[1])
	ts.Check(err)
	if neg {
		if m, ok := s.find(re); ok {
			ts.Fatalf("received: %s", m)
		}
		return
	}
	var message string
	if !poll(func() (ok bool) { message, ok = s.find(re); return ok }) {
		s.mu.Lock()
		defer s.mu.Unlock()
		ts.Fatalf("no message matches %q among %d:\n%s", args[1], len(s.messages), strings.Join(s.messages, "\n"))
	}
	fmt.Fprintln(ts.Stdout(), message)
}

// cmdPub publishes a message. It fails when the server refuses it, which the
// server says before it answers the flush.
func cmdPub(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: pub creds subject payload")
	}
	nc := mustDial(ts, args[0])
	defer nc.Close()
	ts.Check(nc.Publish(args[1], []byte(args[2])))
	ts.Check(nc.Flush())
	if err := nc.LastError(); neg != (err != nil) {
		ts.Fatalf("publish to %s: %v", args[1], err)
	}
}

// cmdRequest prints the answer to a request.
func cmdRequest(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: req creds subject [payload]")
	}
	nc := mustDial(ts, args[0])
	defer nc.Close()
	var data []byte
	if len(args) == 3 {
		data = []byte(args[2])
	}
	reply, err := nc.Request(args[1], data, patience)
	if neg != (err != nil) {
		ts.Fatalf("request on %s: %v", args[1], err)
	}
	if err == nil {
		fmt.Fprintln(ts.Stdout(), string(reply.Data))
	}
}

// cmdConnects tells whether a server accepts creds. Accounts travel to servers
// on their own time, so that a refusal is asked about again.
func cmdConnects(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: connects creds")
	}
	var err error
	for end := time.Now().Add(patience); ; {
		var nc *nats.Conn
		if nc, err = dial(ts, args[0]); err == nil {
			nc.Close()
		}
		if neg == (err != nil) {
			return
		}
		if neg || time.Now().After(end) {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	ts.Fatalf("connect with %s: %v", args[0], err)
}
