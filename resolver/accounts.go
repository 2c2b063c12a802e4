package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nkeys"
)

// LoadState says whether an account is at work on a server.
type LoadState string

// The load states.
const (
	Loaded    LoadState = "loaded"
	NotLoaded LoadState = "not_loaded" // nobody used it there yet, or it cannot be loaded
	Failed    LoadState = "failed"     // the server could not say
	NoReply   LoadState = "silent"
)

// InForce is an account as one server applies it now, whatever is stored.
type InForce struct {
	Server   Server    `json:"server"`
	State    LoadState `json:"state"`
	Token    string    `json:"jwt,omitempty"`        // the claims in force
	Issuer   string    `json:"issuer_key,omitempty"` // key that signed Token
	Updated  time.Time `json:"update_time,omitzero"` // when the server applied Token
	Expired  bool      `json:"expired,omitempty"`    // Token has expired
	Complete bool      `json:"complete,omitempty"`   // all imports could be resolved
	Clients  int       `json:"clients,omitempty"`    // client connections
	Message  string    `json:"message,omitempty"`    // the server's words, at most 512 bytes
}

// InForce asks every expected server which claims it applies for an account;
// it is how to verify a push. The answers are sorted by server name, silent
// servers included. An empty expect means those who answer a roll call.
func (c *Conn) InForce(ctx context.Context, accountID string, expect []Server) ([]InForce, error) {
	list := []InForce{}
	err := c.InForceEach(ctx, []string{accountID}, expect, func(_ string, f InForce) {
		list = append(list, f)
	})
	slices.SortFunc(list, func(a, b InForce) int { return compareServers(a.Server, b.Server) })
	return list, err
}

// InForceEach is [Conn.InForce] for many accounts at a time. It calls each once
// per account and server, as the answers come, on the goroutine that called.
func (c *Conn) InForceEach(ctx context.Context, accountIDs []string, expect []Server, each func(accountID string, f InForce)) error {
	for _, id := range accountIDs {
		if err := checkAccountID(id); err != nil {
			return err
		}
	}
	roll, err := c.expected(ctx, expect)
	if err != nil {
		return err
	}
	return c.sweep(ctx, sweep{
		topic:    prefixAccount,
		count:    len(accountIDs),
		inFlight: defaultInFlight,
		expect:   roll.Servers,
		question: func(i int) (string, []byte) { return prefixAccount + accountIDs[i] + suffixInfo, nil },
		heard: func(i int, r reply) bool {
			f, ok := decodeInForce(accountIDs[i], r)
			if ok {
				each(accountIDs[i], f)
			}
			return ok
		},
		silent: func(i int, s Server) { each(accountIDs[i], InForce{Server: s, State: NoReply}) },
		nobody: ErrNotSystem,
	})
}

// decodeInForce reads an account's INFO; false means it is of another account.
func decodeInForce(id string, r reply) (InForce, bool) {
	if r.fault != nil {
		f := InForce{Server: r.server, State: Failed, Message: clip(r.fault.Description, maxMessage)}
		if strings.Contains(f.Message, "does not exist") {
			f.State = NotLoaded
		}
		return f, true
	}
	var info struct {
		Account  string    `json:"account_name"`
		Updated  time.Time `json:"update_time"`
		Expired  bool      `json:"expired"`
		Complete bool      `json:"complete"`
		Clients  int       `json:"client_connections"`
		Token    string    `json:"jwt"`
		Issuer   string    `json:"issuer_key"`
	}
	if err := json.Unmarshal(r.data, &info); err != nil || info.Account != id {
		return InForce{}, false
	}
	if info.Token == "" {
		return InForce{Server: r.server, State: NotLoaded}, true // it has heard of it from other servers, and no more
	}
	return InForce{
		Server:   r.server,
		State:    Loaded,
		Token:    info.Token,
		Issuer:   clip(info.Issuer, maxName),
		Updated:  info.Updated,
		Expired:  info.Expired,
		Complete: info.Complete,
		Clients:  info.Clients,
	}, true
}

// listPatience is how long a server may take to list what it stores. It opens the
// file of every account for that, and ten thousand take a busy one seconds, in
// which it answers nothing else.
const listPatience = 10 * time.Second

// Listing is what one server stores.
type Listing struct {
	Server   Server   `json:"server"`
	Accounts []string `json:"accounts"`         // public keys, sorted, each once
	Silent   bool     `json:"silent,omitempty"` // no list, or one that is too long
}

// List asks every expected server for the accounts it stores, sorted by server
// name. Servers with a caching resolver list what they happen to have; servers
// with memory or URL resolvers stay silent, and if all are of that kind the
// error is [ErrNoResolver]. An empty expect means those who answer a roll call.
func (c *Conn) List(ctx context.Context, expect []Server) ([]Listing, error) {
	total, once := 0, map[string]string{} // servers list the same accounts
	return poll[Listing]{
		subject: subjectClaimsList,
		heard: func(r reply) (Listing, bool) {
			var ids []string
			if r.fault != nil || json.Unmarshal(r.data, &ids) != nil {
				return Listing{}, false
			}
			if total += len(ids); total > maxListed {
				return unlisted(r.server), true
			}
			keys, ok := accountKeys(ids, once)
			if !ok {
				return unlisted(r.server), true
			}
			return Listing{Server: r.server, Accounts: keys}, true
		},
		silent:  unlisted,
		nobody:  ErrNoResolver,
		atLeast: listPatience,
	}.put(ctx, c, expect)
}

// unlisted is a server that did not tell what it stores, or more than can be taken.
func unlisted(s Server) Listing { return Listing{Server: s, Accounts: []string{}, Silent: true} }

// accountKeys are the account keys among ids, sorted and each once. Those that were
// there before are the same strings, and take no more memory; more than maxKnown
// are not taken.
func accountKeys(ids []string, once map[string]string) (keys []string, ok bool) {
	keys = make([]string, 0, len(ids))
	for _, id := range ids {
		known, ok := once[id]
		if !ok {
			if !nkeys.IsValidPublicAccountKey(id) {
				continue
			}
			if len(once) == maxKnown {
				return nil, false
			}
			known, once[id] = id, id
		}
		keys = append(keys, known)
	}
	slices.Sort(keys)
	return slices.Compact(keys), true
}

// Lookup returns a stored copy of an account's claims, its signature unverified,
// from the first server that has one; servers may hold different copies, see [Conn.List]
// and [Conn.InForce]. Where no server has it the error is an
// [*UnknownAccountError]; only full resolvers serve lookups, without any the
// error is [ErrNoResolver].
func (c *Conn) Lookup(ctx context.Context, accountID string) (string, error) {
	if err := checkAccountID(accountID); err != nil {
		return "", err
	}
	subject := prefixAccount + accountID + suffixLookup
	box := c.newMailbox(subject)
	defer box.close()
	ctx, cancel := c.within(ctx)
	defer cancel()
	if err := box.ask(subject, nil); err != nil {
		return "", err
	}
	absent := false
	for {
		msg, err := box.next(ctx)
		switch {
		case absent && errors.Is(err, ErrNoAnswer):
			return "", &UnknownAccountError{ID: accountID}
		case err != nil:
			return "", err
		case nobodyThere(msg):
			return "", ErrNoResolver
		case len(msg.Data) == 0:
			// Answers bear no name, so there is no telling whether all have
			// spoken: another server may still have it.
			absent = true
		default:
			if claims, ok := peek(string(msg.Data)); ok && claims.Subject == accountID {
				return string(msg.Data), nil
			}
		}
	}
}
