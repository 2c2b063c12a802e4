package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nkeys"
)

// defaultInFlight is how many accounts wait for servers at a time.
const defaultInFlight = 256

// Account is an account's public key and its encoded claims.
type Account struct {
	ID    string
	Token string
}

// Outcome is what became of one account on one server.
type Outcome string

// The outcomes. Stored means the server keeps the token, not that it trusts
// the issuer: a server judges that when it loads the account, see
// [Conn.InForce].
const (
	Stored    Outcome = "stored"
	Unchanged Outcome = "unchanged" // already there, not sent
	Skipped   Outcome = "skipped"   // account not loaded on this server, nothing kept
	Rejected  Outcome = "rejected"
	Deferred  Outcome = "deferred" // taken by an account server for somebody to sign
	Silent    Outcome = "silent"   // no answer in time
)

// Result is what one server did with one account.
type Result struct {
	Account string  `json:"account"` // public key
	Server  Server  `json:"server"`
	Outcome Outcome `json:"outcome"`
	Message string  `json:"message,omitempty"` // the server's words, at most 512 bytes
}

// PushOptions adjusts a push.
type PushOptions struct {
	// InFlight is how many accounts may wait for servers at a time; 0 means 256.
	InFlight int
	// Expect are the servers that must answer; empty means those who answer a
	// roll call at the start.
	Expect []Server
	// OnResult, if set, is told of each result as it comes, one at a time and on
	// the goroutine that called.
	OnResult func(Result)
}

// Push sends accounts to every server with a NATS-based resolver, loaded there
// or not. Each expected server has the connection's timeout to answer for an
// account and is asked again at half time; those that are silent and still there
// at the end get what they missed once more. An error is for what stopped the
// whole push, such as [ErrNoResolver] or [ErrPermission]; what single servers
// refused or left unanswered is in the results. The Summary is right up to
// where the push got, also beside an error.
func (c *Conn) Push(ctx context.Context, accounts []Account, o PushOptions) (Summary, error) {
	return c.push(ctx, accounts, o, pushRoute{
		topic:   subjectClaimsUpdate,
		subject: func(string) string { return subjectClaimsUpdate },
		nobody:  ErrNoResolver,
	})
}

// UpdateLoaded is [Conn.Push] for servers with memory or URL resolvers: they
// take the claims of accounts they have loaded, until they restart, and answer
// [Skipped] for others.
//
// Servers with NATS-based resolvers take them, too, which makes it the way to
// push where both kinds are. Those of before nats-server 2.2 know another subject.
func (c *Conn) UpdateLoaded(ctx context.Context, accounts []Account, o PushOptions) (Summary, error) {
	route := pushRoute{
		topic:   prefixAccount,
		subject: func(id string) string { return prefixAccount + id + suffixLoadedUpdate },
		nobody:  ErrNotSystem,
	}
	sum, err := c.push(ctx, accounts, o, route)
	if errors.Is(err, ErrNotSystem) {
		route.topic = prefixAccountOld
		route.subject = func(id string) string { return prefixAccountOld + id + suffixLoadedUpdate }
		return c.push(ctx, accounts, o, route)
	}
	return sum, err
}

// pushRoute is the way accounts go.
type pushRoute struct {
	topic   string
	subject func(id string) string
	nobody  error
}

func (c *Conn) push(ctx context.Context, accounts []Account, o PushOptions, route pushRoute) (Summary, error) {
	if err := checkAccounts(accounts); err != nil {
		return Summary{}, err
	}
	elapsed := stopwatch()
	roll, err := c.expected(ctx, o.Expect)
	if err != nil {
		return Summary{}, err
	}
	p := &pushing{PushOptions: o, conn: c, route: route, count: newCounter(accounts, roll, o.OnResult)}
	fitting := c.splitOversized(accounts, p.count)
	if err = p.pass(ctx, fitting, roll.Servers); err == nil {
		err = p.again(ctx, fitting)
	}
	return p.count.summary(elapsed()), err
}

// pushing is a push under way.
type pushing struct {
	PushOptions
	conn  *Conn
	route pushRoute
	count *counter
}

// pass sends accounts and counts what servers answer. Silence is not final yet.
func (p *pushing) pass(ctx context.Context, accounts []Account, expect []Server) error {
	return p.conn.sweep(ctx, sweep{
		topic:    p.route.topic,
		count:    len(accounts),
		inFlight: p.inFlight(),
		expect:   expect,
		question: func(i int) (string, []byte) {
			return p.route.subject(accounts[i].ID), []byte(accounts[i].Token)
		},
		heard: func(i int, r reply) bool {
			result, ok := decodeResult(accounts[i].ID, r)
			if ok {
				p.count.add(result)
			}
			return ok
		},
		silent: func(int, Server) {}, // see counter.silence
		nobody: p.route.nobody,
	})
}

// again sends accounts once more to servers that missed them and are there: one
// that was restarted meanwhile, or had too much to do. Then silence is final.
func (p *pushing) again(ctx context.Context, accounts []Account) error {
	missed := p.count.missed()
	if len(missed) == 0 {
		return nil
	}
	defer p.count.silence()
	roll, err := p.conn.rollCallElsewhere(ctx)
	if err != nil {
		return ctx.Err()
	}
	back := slices.DeleteFunc(missed, func(s Server) bool {
		return !slices.ContainsFunc(roll.Servers, func(r Server) bool { return r.ID == s.ID || r.Name == s.Name })
	})
	if len(back) == 0 {
		return nil
	}
	return p.pass(ctx, slices.DeleteFunc(slices.Clone(accounts), func(a Account) bool { return !p.count.lacks(a.ID, back) }), back)
}

// rollCallElsewhere calls the roll, from another server if the one that is
// connected does not answer any more.
func (c *Conn) rollCallElsewhere(ctx context.Context) (Roll, error) {
	roll, err := c.RollCall(ctx)
	if !errors.Is(err, ErrNoAnswer) || c.nc.ForceReconnect() != nil {
		return roll, err
	}
	return c.RollCall(ctx)
}

func (o PushOptions) inFlight() int {
	if o.InFlight > 0 {
		return o.InFlight
	}
	return defaultInFlight
}

// splitOversized counts accounts that no server would read as rejected and
// returns the others. Sent, one of them would cost the connection.
func (c *Conn) splitOversized(accounts []Account, count *counter) []Account {
	limit := c.nc.MaxPayload()
	fitting := make([]Account, 0, len(accounts))
	for _, a := range accounts {
		if int64(len(a.Token)) <= limit {
			fitting = append(fitting, a)
			continue
		}
		text := fmt.Sprintf("claims of %d bytes exceed the %d bytes the server takes", len(a.Token), limit)
		for _, s := range count.expect {
			count.add(Result{Account: a.ID, Server: s, Outcome: Rejected, Message: text})
		}
	}
	return fitting
}

// decodeResult reads a server's answer to claims for account id; false means
// it is about something else.
func decodeResult(id string, r reply) (Result, bool) {
	result := Result{Account: id, Server: r.server}
	if r.fault != nil {
		result.Outcome = Rejected
		result.Message = clip(r.fault.Description, maxMessage)
		about := r.fault.Account
		return result, about == id || about == "" || about == "n/a"
	}
	var status struct {
		Account string `json:"account"`
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if err := json.Unmarshal(r.data, &status); err != nil || status.Account != id {
		return Result{}, false
	}
	result.Message = clip(status.Message, maxMessage)
	switch {
	case status.Code != 200:
		result.Outcome = Rejected
	case strings.Contains(status.Message, "skipped"): // with code 200
		result.Outcome = Skipped
	default:
		result.Outcome = Stored
	}
	return result, true
}

// checkAccounts refuses what would make results ambiguous or is no account.
func checkAccounts(accounts []Account) error {
	seen := make(map[string]bool, len(accounts))
	for _, a := range accounts {
		if err := checkAccountID(a.ID); err != nil {
			return err
		}
		if seen[a.ID] {
			return fmt.Errorf("account %q: given twice", a.ID)
		}
		seen[a.ID] = true
	}
	return nil
}

// checkAccountID keeps anything but account keys out of subjects.
func checkAccountID(id string) error {
	if nkeys.IsValidPublicAccountKey(id) {
		return nil
	}
	if id == "" {
		return errors.New("account: public key is missing")
	}
	return fmt.Errorf("account %q: not the public key of an account", clip(id, maxName))
}
