package resolver

import (
	"context"
	"slices"
	"time"
)

// poll is a single question to every server, of which each answer is a T. It is a
// sweep of one, whose fields it shares.
type poll[T any] struct {
	subject string
	body    []byte
	heard   func(r reply) (answer T, ok bool)
	silent  func(s Server) T
	nobody  error
	atLeast time.Duration
}

// put asks the expected servers. The answers are sorted by server name, those of
// silent servers included. An empty expect means those who answer a roll call.
func (p poll[T]) put(ctx context.Context, c *Conn, expect []Server) ([]T, error) {
	roll, err := c.expected(ctx, expect)
	if err != nil {
		return nil, err
	}
	type answer struct {
		from Server
		said T
	}
	var answers []answer
	err = c.sweep(ctx, sweep{
		topic:    p.subject,
		count:    1,
		inFlight: 1,
		expect:   roll.Servers,
		question: func(int) (string, []byte) { return p.subject, p.body },
		heard: func(_ int, r reply) bool {
			said, ok := p.heard(r)
			if ok {
				answers = append(answers, answer{r.server, said})
			}
			return ok
		},
		silent:  func(_ int, s Server) { answers = append(answers, answer{s, p.silent(s)}) },
		nobody:  p.nobody,
		atLeast: p.atLeast,
	})
	slices.SortFunc(answers, func(a, b answer) int { return compareServers(a.from, b.from) })
	list := make([]T, len(answers))
	for i, a := range answers {
		list[i] = a.said
	}
	return list, err
}
