package resolver

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// flood answers every request on a subject for as long as the test runs.
func flood(t *testing.T, subject string, answer func(i int) string) *Conn {
	t.Helper()
	s := start(t, baseOptions())
	nc := client(t, s, Identity{})
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	_, err := nc.Subscribe(subject, func(m *nats.Msg) {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
			}
			if m.Respond([]byte(answer(i))) != nil {
				return
			}
		}
	})
	check(t, err)
	check(t, nc.Flush())
	return dialWith(t, Options{URLs: []string{s.ClientURL()}, Timeout: 2 * short})
}

// Whoever answers without end is heard for as long as anybody else.
func TestFloods(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	a := r.account(t, r.app, "APP")
	one := []Server{{ID: "s1", Name: "s1"}, {ID: "s2", Name: "s2"}}
	for name, tc := range map[string]struct {
		subject string
		answer  func(i int) string
		ask     func(c *Conn) error
	}{
		"roll of one": {subjectRollCall, func(int) string { return `{"server":{"id":"a","name":"a"},"statsz":{"active_servers":2}}` }, func(c *Conn) error {
			roll, err := c.RollCall(t.Context())
			if len(roll.Servers) != 1 || roll.Missing != 1 {
				t.Errorf("%+v", roll)
			}
			return err
		}},
		"roll of many": {subjectRollCall, func(i int) string {
			return fmt.Sprintf(`{"server":{"id":"%d","name":"%d"},"statsz":{"active_servers":9}}`, i, i)
		}, func(c *Conn) error {
			roll, err := c.RollCall(t.Context())
			if len(roll.Servers) > maxServers {
				t.Errorf("%d servers", len(roll.Servers))
			}
			return err
		}},
		"push": {subjectClaimsUpdate, func(i int) string { return answer(strconv.Itoa(i), a.ID, "jwt updated") }, func(c *Conn) error {
			sum, err := c.Push(t.Context(), []Account{a}, PushOptions{Expect: one})
			if len(sum.Servers) > maxServers+2 || sum.Complete != 0 {
				t.Errorf("%d servers, %d complete", len(sum.Servers), sum.Complete)
			}
			return err
		}},
		"survey": {subjectVarz, func(int) string {
			return `{"server":{"id":"s1","name":"s1"},"data":{"trusted_operators_claim":[null,{}]}}`
		}, func(c *Conn) error {
			_, err := c.Survey(t.Context(), one, SurveyOptions{Account: a.ID})
			return err
		}},
		"copies": {prefixAccount + "*" + suffixLookup, func(int) string { return a.Token }, func(c *Conn) error {
			return c.Unchanged(t.Context(), []Account{a}, []Profile{{Server: one[0], Resolver: KindFull}}, func(string, Server) {})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			if err := tc.ask(flood(t, tc.subject, tc.answer)); err != nil {
				t.Error(err)
			}
			if took := time.Since(begin); took > costs {
				t.Errorf("took %v", took)
			}
		})
	}
}
