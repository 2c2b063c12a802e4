package resolver

import (
	"context"
	"encoding/json"
	"fmt"
)

// Deleted is an outcome of [Conn.Delete] alone.
const Deleted Outcome = "deleted"

// Deletion is what one server did with a request to delete accounts. Deleted
// means that it took the request: it says so of accounts that it does not have,
// too. [Conn.List] shows what is left.
type Deletion struct {
	Server  Server  `json:"server"`
	Outcome Outcome `json:"outcome"` // Deleted, Rejected or Silent
	Message string  `json:"message,omitempty"`
}

// Delete hands every expected server a request to delete accounts: a token in
// which an operator's key names them. A server that takes it cuts off their
// clients at once, and forgets the accounts; where the configuration does not
// allow deletion it refuses, and changes nothing. A server that is away keeps
// its copy, and gives it back to the others when it returns.
//
// The answers are sorted by server name, silent servers included. Where no
// server keeps an account store the error is [ErrNoResolver]. An empty expect
// means those who answer a roll call.
func (c *Conn) Delete(ctx context.Context, request string, expect []Server) ([]Deletion, error) {
	return poll[Deletion]{
		subject: subjectClaimsDelete,
		body:    []byte(request),
		heard:   decodeDeletion,
		silent:  func(s Server) Deletion { return Deletion{Server: s, Outcome: Silent} },
		nobody:  ErrNoResolver,
	}.put(ctx, c, expect)
}

// PurgeJetStream lets servers delete all streams of an account, with what is in
// them. They begin with it, and go on when it returns. Where they have no
// JetStream the error is [ErrNoResponder].
func (c *Conn) PurgeJetStream(ctx context.Context, accountID string) error {
	if err := checkAccountID(accountID); err != nil {
		return err
	}
	data, err := c.Request(ctx, prefixPurge+accountID, nil)
	if err != nil {
		return err
	}
	var answer struct {
		Initiated bool   `json:"initiated"`
		Error     *fault `json:"error"`
	}
	switch err := json.Unmarshal(data, &answer); {
	case err != nil:
		return fmt.Errorf("purge of account %q: the answer is not one", accountID)
	case answer.Error != nil:
		return fmt.Errorf("purge of account %q: %s", accountID, clip(answer.Error.Description, maxMessage))
	case !answer.Initiated:
		return fmt.Errorf("purge of account %q: did not begin", accountID)
	}
	return nil
}

func decodeDeletion(r reply) (Deletion, bool) {
	if r.fault != nil {
		return Deletion{Server: r.server, Outcome: Rejected, Message: clip(r.fault.Description, maxMessage)}, true
	}
	var status struct {
		Code    int    `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(r.data, &status) != nil || status.Code == 0 {
		return Deletion{}, false
	}
	d := Deletion{Server: r.server, Outcome: Deleted, Message: clip(status.Message, maxMessage)}
	if status.Code != 200 {
		d.Outcome = Rejected
	}
	return d, true
}
