package resolver

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// packQueue is the group of which one member answers a request for all accounts.
const packQueue = "responder"

// hashSize is the size in bytes of the hash that stands for all accounts.
const hashSize = sha256.Size

// Answers say how to answer for accounts what nats-servers ask of each other.
type Answers struct {
	// Name is how the answers are signed, as a server's are.
	Name string
	// Lookup returns the token of an account, "" where there is none.
	Lookup func(accountID string) string
	// All are the accounts that are in force.
	All func() iter.Seq[Account]
	// Update is handed a token that somebody pushes, and says what became of
	// it. accountID is whose it must be, "" when nobody said. A nil Update
	// leaves pushes to others.
	Update func(ctx context.Context, accountID, token string) (id, message string, err error)
	// Ready, if set, is called once, when no further request can be missed.
	Ready func()
}

// Answer answers requests for accounts, one at a time and on the goroutine that
// called, until ctx ends, and then returns nil. What the connection publishes
// itself is not asked of it when it was dialed with NoEcho.
func (c *Conn) Answer(ctx context.Context, a Answers) error {
	box := c.newMailbox()
	defer box.close()
	if err := box.listenQueue(subjectClaimsPack, packQueue); err != nil {
		return err
	}
	if err := box.listenAll(ctx, a.subjects()); err != nil {
		return err
	}
	if a.Ready != nil {
		a.Ready()
	}
	self := identity{Name: a.Name, ID: nuid.Next(), Host: "nkeep"}
	for {
		msg, err := box.next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("answer: %w", err)
		}
		a.answer(ctx, c, self, msg)
	}
}

// identity is how an answer says whose it is.
type identity struct {
	Name string `json:"name"`
	Host string `json:"host"`
	ID   string `json:"id"`
}

func (a Answers) subjects() []string {
	list := []string{prefixAccount + "*" + suffixLookup}
	if a.Update != nil {
		list = append(list, subjectClaimsUpdate, prefixAccount+"*"+suffixLoadedUpdate, prefixAccountOld+"*"+suffixLoadedUpdate)
	}
	return list
}

func (a Answers) answer(ctx context.Context, c *Conn, self identity, msg *nats.Msg) {
	switch {
	case msg.Subject == subjectClaimsPack:
		a.pack(c, msg)
	case strings.HasSuffix(msg.Subject, suffixLookup):
		respond(msg, []byte(a.Lookup(accountIn(msg.Subject))))
	default:
		a.update(ctx, self, msg)
	}
}

// accountIn is the account that a subject names, "" for none.
func accountIn(subject string) string {
	for _, prefix := range []string{prefixAccount, prefixAccountOld} {
		if rest, ok := strings.CutPrefix(subject, prefix); ok {
			id, _, _ := strings.Cut(rest, ".")
			return id
		}
	}
	return ""
}

// respond ignores errors, of messages without a reply address, too: whoever asked
// asks again.
func respond(msg *nats.Msg, data []byte) { _ = msg.Respond(data) }

// pack sends every account, unless whoever asks has them all, and an empty
// message behind.
func (a Answers) pack(c *Conn, msg *nats.Msg) {
	if len(msg.Data) != hashSize || hashOf(a.All()) != [hashSize]byte(msg.Data) {
		for account := range a.All() {
			respond(msg, []byte(account.ID+"|"+account.Token))
		}
	}
	respond(msg, nil)
	_ = c.nc.Flush() // likewise
}

// hashOf is what nats-server compares stores by: the hashes of all tokens, each
// bit of which is set when it is in an odd number of them.
func hashOf(accounts iter.Seq[Account]) (sum [hashSize]byte) {
	for account := range accounts {
		for i, b := range sha256.Sum256([]byte(account.Token)) {
			sum[i] ^= b
		}
	}
	return sum
}

// updateAnswer is the envelope of sys-services, with data or an error.
type updateAnswer struct {
	Server identity      `json:"server"`
	Data   *updateStatus `json:"data,omitempty"`
	Error  *updateStatus `json:"error,omitempty"`
}

// updateStatus is what became of a pushed account, in nats-server's fields.
type updateStatus struct {
	Account     string `json:"account,omitempty"`
	Code        int    `json:"code"`
	Message     string `json:"message,omitempty"`
	Description string `json:"description,omitempty"`
}

func (a Answers) update(ctx context.Context, self identity, msg *nats.Msg) {
	id, message, err := a.Update(ctx, accountIn(msg.Subject), string(msg.Data))
	reply := updateAnswer{Server: self, Data: &updateStatus{Account: id, Code: 200, Message: message}}
	if err != nil {
		reply.Data, reply.Error = nil, &updateStatus{Account: id, Code: 500, Description: err.Error()}
	}
	if data, err := json.Marshal(reply); err == nil {
		respond(msg, data)
	}
}

// listenQueue is listen for messages of which one member of the group gets each.
func (m *mailbox) listenQueue(subject, queue string) error {
	sub, err := m.conn.nc.QueueSubscribe(subject, queue, m.deliver)
	if err != nil {
		return fmt.Errorf("subscribe to %q: %w", subject, err)
	}
	m.subs = append(m.subs, sub)
	return sub.SetPendingLimits(maxPendingMessages, maxPendingBytes)
}
