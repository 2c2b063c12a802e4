package resolver

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSubscribe(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.memory(t, r.account(t, r.app, "APP")))
	c := dial(t, s, user(t, r.app, nil))
	ready, done := make(chan struct{}), make(chan error, 1)
	var got []string
	go func() {
		done <- c.Subscribe(t.Context(), SubscribeOptions{
			Subject: "s.>", Queue: "q", Max: 2,
			Ready:  func() { close(ready) },
			Answer: func(m Message) []byte { return []byte(strings.ToUpper(string(m.Data))) },
		}, func(m Message) error {
			got = append(got, m.Subject+" "+string(m.Data))
			return nil
		})
	}()
	<-ready
	other := dial(t, s, user(t, r.app, nil))
	check(t, other.Publish(t.Context(), "s.a", []byte("one")))
	answer, err := other.Ask(t.Context(), "s.b", []byte("two"))
	check(t, err)
	if string(answer.Data) != "TWO" {
		t.Errorf("answer %q", answer.Data)
	}
	check(t, <-done)
	if want := []string{"s.a one", "s.b two"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	eventually(t, func() bool { // the end of a subscription travels on its own time
		_, err := other.Ask(t.Context(), "s.b", nil)
		return errors.Is(err, ErrNoResponder)
	})
}

func TestMessagesRefused(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := start(t, r.memory(t, r.account(t, r.app, "APP")))
	c := dial(t, s, user(t, r.app, restricted([]string{"ok"}, []string{"ok"})))
	for name, do := range map[string]func(context.Context) error{
		"publish":   func(ctx context.Context) error { return c.Publish(ctx, "no", nil) },
		"subscribe": func(ctx context.Context) error { return c.Subscribe(ctx, SubscribeOptions{Subject: "no"}, nil) },
		"ask":       func(ctx context.Context) error { _, err := c.Ask(ctx, "no", nil); return err },
	} {
		start := time.Now()
		if err := do(t.Context()); !errors.Is(err, ErrPermission) {
			t.Errorf("%s: %v", name, err)
		}
		if time.Since(start) > c.timeout {
			t.Errorf("%s: was not refused at once", name)
		}
	}
	if err := c.Publish(t.Context(), "ok", nil); err != nil {
		t.Errorf("after a refusal: %v", err)
	}
}

func TestSubscribeEnds(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	c := dial(t, start(t, r.memory(t, r.account(t, r.app, "APP"))), user(t, r.app, nil))
	ctx, cancel := context.WithCancel(t.Context())
	err := c.Subscribe(ctx, SubscribeOptions{Subject: "s", Ready: cancel}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
