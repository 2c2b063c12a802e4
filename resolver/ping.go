package resolver

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// Ping asks servers that answered a roll call who they are, which costs them
// next to nothing, and returns how long each took to answer, by its id. It returns
// as soon as all have; those that did not in time are not in it.
func (c *Conn) Ping(ctx context.Context, expect []Server) (map[string]time.Duration, error) {
	box := c.newMailbox(subjectPing)
	defer box.close()
	ctx, cancel := c.within(ctx)
	defer cancel()
	open := make(map[string]bool, len(expect))
	for _, s := range expect {
		open[s.ID] = true
	}
	took := make(map[string]time.Duration, len(expect))
	prefix, err := box.inbox()
	if err != nil {
		return nil, err
	}
	elapsed := stopwatch()
	if err := c.publish(subjectPing, prefix+"0", nil); err != nil {
		return nil, err
	}
	for len(open) > 0 {
		msg, err := box.next(ctx)
		switch {
		case errors.Is(err, ErrNoAnswer):
			return took, nil
		case err != nil:
			return took, err
		case nobodyThere(msg):
			return took, ErrNotSystem
		}
		var who struct {
			ID string `json:"id"` // the answer is bare, without the envelope of others
		}
		if len(msg.Data) <= maxReply && json.Unmarshal(msg.Data, &who) == nil && open[who.ID] {
			took[who.ID] = elapsed()
			delete(open, who.ID)
		}
	}
	return took, nil
}
