package resolver

import (
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
)

// answering is somebody who answers for accounts, beside a server that does not.
func answering(t *testing.T, accounts []Account, update func(context.Context, string, string) (string, string, error)) *nats.Conn {
	t.Helper()
	r := newRealm(t)
	s := start(t, r.memory(t))
	least := func(c *jwt.UserClaims) { c.Permissions = AnswerPermissions(update != nil) }
	c := dialWith(t, Options{URLs: []string{s.ClientURL()}, Identity: user(t, r.sys, least), NoEcho: true})
	ctx, stop := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- c.Answer(ctx, Answers{
			Name: "answers",
			Lookup: func(id string) string {
				if i := slices.IndexFunc(accounts, func(a Account) bool { return a.ID == id }); i >= 0 {
					return accounts[i].Token
				}
				return ""
			},
			All:    func() iter.Seq[Account] { return slices.Values(accounts) },
			Update: update,
			Ready:  func() { close(ready) },
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-ready
	return client(t, s, user(t, r.sys, nil))
}

func TestAnswerLookup(t *testing.T) {
	t.Parallel()
	accounts := newRealm(t).accounts(t, 2)
	nc := answering(t, accounts, nil)
	for id, want := range map[string]string{accounts[1].ID: accounts[1].Token, newRealm(t).accounts(t, 1)[0].ID: ""} {
		msg, err := nc.RequestWithContext(t.Context(), prefixAccount+id+suffixLookup, nil)
		if err != nil || string(msg.Data) != want {
			t.Errorf("%s: %v, want %q", id, err, want)
		}
	}
	if _, err := nc.RequestWithContext(t.Context(), subjectClaimsUpdate, nil); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("a push is answered: %v", err)
	}
}

func TestAnswerPack(t *testing.T) {
	t.Parallel()
	accounts := newRealm(t).accounts(t, 3)
	nc := answering(t, accounts, nil)
	hash := sha256.Sum256([]byte(accounts[0].Token))
	for _, a := range accounts[1:] {
		for i, b := range sha256.Sum256([]byte(a.Token)) {
			hash[i] ^= b
		}
	}
	for body, want := range map[string]int{"": 3, string(hash[:]): 0, string(make([]byte, 32)): 3, "x": 3} {
		inbox := nats.NewInbox()
		sub, err := nc.SubscribeSync(inbox)
		check(t, err)
		check(t, nc.PublishRequest(subjectClaimsPack, inbox, []byte(body)))
		got := 0
		for {
			msg, err := sub.NextMsgWithContext(t.Context())
			check(t, err)
			if len(msg.Data) == 0 {
				break
			}
			id, token, _ := strings.Cut(string(msg.Data), "|")
			if !slices.Contains(accounts, Account{id, token}) {
				t.Errorf("pack has %q", msg.Data)
			}
			got++
		}
		if got != want {
			t.Errorf("asked with %x: %d accounts, want %d", body, got, want)
		}
	}
}

func TestAnswerUpdate(t *testing.T) {
	t.Parallel()
	refuse := errors.New("not that one")
	nc := answering(t, nil, func(_ context.Context, id, token string) (string, string, error) {
		if token == "bad" {
			return id, "", refuse
		}
		return id + "!", "took " + token, nil
	})
	for subject, want := range map[string]string{subjectClaimsUpdate: "!", prefixAccount + "AX" + suffixLoadedUpdate: "AX!", prefixAccountOld + "AX" + suffixLoadedUpdate: "AX!"} {
		r := askOurs(t, nc, subject, "good")
		if r.fault != nil || !strings.Contains(string(r.data), `"account":"`+want+`"`) || !strings.Contains(string(r.data), "took good") {
			t.Errorf("%s: %s", subject, r.data)
		}
		if r := askOurs(t, nc, subject, "bad"); r.fault == nil || r.fault.Description != refuse.Error() {
			t.Errorf("%s: %s", subject, r.data)
		}
	}
}

func TestAnswerNotAllowed(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.memory(t))
	c := dial(t, s, user(t, r.sys, func(c *jwt.UserClaims) { c.Permissions = AnswerPermissions(false) }))
	err := c.Answer(t.Context(), Answers{
		Update: func(context.Context, string, string) (string, string, error) { return "", "", nil },
		Ready:  func() { t.Error("it is ready") },
	})
	if !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), suffixLoadedUpdate) {
		t.Error(err)
	}
}

// askOurs waits for the answer that is not the server's own.
func askOurs(t *testing.T, nc *nats.Conn, subject, body string) reply {
	t.Helper()
	inbox := nats.NewInbox()
	sub, err := nc.SubscribeSync(inbox)
	check(t, err)
	check(t, nc.PublishRequest(subject, inbox, []byte(body)))
	for {
		msg, err := sub.NextMsgWithContext(t.Context())
		check(t, err)
		if r, ok := decodeReply(msg.Data); ok && r.server.Name == "answers" {
			return r
		}
	}
}
