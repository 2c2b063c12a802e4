package resolver

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"nkeep/internal/testkeys"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

func TestDialRefusals(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	stranger := testkeys.New(t, nkeys.CreateAccount)
	expired := user(t, r.sys, func(c *jwt.UserClaims) { c.Expires = 1 })
	broken := errors.New("no seed")
	for name, tc := range map[string]struct {
		o     Options
		match error
		text  string
	}{
		"unknown account": {Options{URLs: []string{s.ClientURL()}, Identity: user(t, stranger, nil)}, ErrLogin, "know or trust"},
		"expired user":    {Options{URLs: []string{s.ClientURL()}, Identity: expired}, ErrLogin, ""},
		"no credentials":  {Options{URLs: []string{s.ClientURL()}}, ErrLogin, "login refused"},
		"no token":        {Options{URLs: []string{s.ClientURL()}, Identity: Identity{Token: func() (string, error) { return "", broken }, Sign: nil}}, nil, ""},
		"nothing there":   {Options{URLs: []string{"nats://127.0.0.1:1"}}, nil, `"nats://127.0.0.1:1": nothing listens there`},
		"no address":      {Options{}, nil, "no server address"},
		"odd scheme":      {Options{URLs: []string{"foo://x"}}, nil, "scheme must be"},
		"no host":         {Options{URLs: []string{"nats://"}}, nil, "host is missing"},
		"tls not offered": {Options{URLs: []string{strings.Replace(s.ClientURL(), "nats:", "tls:", 1)}}, nil, "offers no TLS"},
		"both named":      {Options{URLs: []string{"nats://127.0.0.1:1, " + s.ClientURL()}}, ErrLogin, "127.0.0.1:1"},
		"hidden password": {Options{URLs: []string{"nats://me:hush@127.0.0.1:1"}}, nil, "me:xxxxx@"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tc.o.Timeout = patience // the machine may be slow
			c, err := Dial(t.Context(), tc.o)
			if err == nil {
				c.Close()
				t.Fatal("connected")
			}
			if tc.match != nil && !errors.Is(err, tc.match) || !strings.Contains(err.Error(), tc.text) {
				t.Errorf("error %q", err)
			}
			if strings.Contains(err.Error(), "hush") {
				t.Errorf("password in error %q", err)
			}
		})
	}
}

func TestDialEndsWithContext(t *testing.T) {
	t.Parallel()
	mute, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, says nothing
	check(t, err)
	t.Cleanup(func() { check(t, mute.Close()) })
	ctx, cancel := context.WithTimeout(t.Context(), short)
	defer cancel()
	_, err = Dial(ctx, Options{URLs: []string{"nats://" + mute.Addr().String()}, Timeout: time.Minute})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	_, err = Dial(t.Context(), Options{URLs: []string{"nats://" + mute.Addr().String()}, Timeout: short})
	if err == nil || !strings.Contains(err.Error(), "in time") && !strings.Contains(err.Error(), "timeout") {
		t.Errorf("error %v", err)
	}
}

func TestDialSecondAddress(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	c := dialWith(t, Options{URLs: []string{"nats://127.0.0.1:1", s.ClientURL()}, Identity: user(t, r.sys, nil)})
	if c.URL() != s.ClientURL() {
		t.Errorf("URL %q, want %q", c.URL(), s.ClientURL())
	}
}

func TestShortLivedUserIsRenewed(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	logins := make(chan struct{}, 16)
	id := user(t, r.sys, func(c *jwt.UserClaims) {
		c.Expires = time.Now().Add(1500 * time.Millisecond).Unix()
		select {
		case logins <- struct{}{}:
		default:
		}
	})
	c := dial(t, s, id)
	for range 2 { // the first login and the one after expiry
		select {
		case <-logins:
		case <-time.After(patience):
			t.Fatal("no second login")
		}
	}
	eventually(t, func() bool { _, err := c.RollCall(t.Context()); return err == nil })
}

func TestLostForGood(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.full(t))
	var lifetime int64 = 2 // seconds; later logins come expired
	id := user(t, r.sys, func(c *jwt.UserClaims) {
		c.Expires = time.Now().Unix() + lifetime
		lifetime = -1
	})
	c := dialWith(t, Options{URLs: []string{s.ClientURL()}, Identity: id, Timeout: patience})
	err := c.Watch(t.Context(), WatchOptions{}, func(Event) {})
	if !errors.Is(err, ErrClosed) || !errors.Is(err, ErrLogin) {
		t.Errorf("error %v", err)
	}
}

func TestClosedConnection(t *testing.T) {
	t.Parallel()
	c := dial(t, start(t, baseOptions()), Identity{})
	c.Close()
	if _, err := c.RollCall(t.Context()); err == nil {
		t.Error("a closed connection answers")
	}
}
