package cmd

import (
	"fmt"

	"nkeep/render"
)

// The events of a push that is told in JSON Lines.
const (
	eventResult  = "result"
	eventInForce = "in_force"
	eventSummary = "summary"
	eventRemoval = "removal" // what came after it with --prune or --account-removal
	eventDiff    = "diff"    // and with --diff
)

// pushLine is one account on one server: what became of it, or what is in force there.
type pushLine struct {
	Event string `json:"event"`
	pushResult
}

// Text implements [render.View].
func (l pushLine) Text(t *render.Text) { t.Linef("%s %q %s %s", l.Event, l.Name, l.Server, l.Outcome) }

// pushEnd is the last line of a push.
type pushEnd struct {
	Event string `json:"event"`
	pushTotals
}

// Text implements [render.View].
func (e pushEnd) Text(t *render.Text) {
	t.Linef("pushed: %s on %s; %s", outOf(e.Summary.Complete, e.Summary.Accounts), plural(len(e.Servers), "server"), e.Meaning)
}

// removalLine is a deletion that came after a push.
type removalLine struct {
	Event string `json:"event"`
	removalView
}

// diffLine is a comparison that came after a push.
type diffLine struct {
	Event string `json:"event"`
	diffView
}

// pushLines tells of a push while it runs.
type pushLines struct {
	*app
	err error // the first, of writing
}

func (l *pushLines) tell(event string, r pushResult) {
	if l.err == nil {
		l.err = l.out.ShowLine(pushLine{event, r})
	}
}

// end tells what became of the push in all.
func (l *pushLines) end(v *pushView) error {
	if l.err != nil {
		return l.err
	}
	if err := l.out.ShowLine(pushEnd{eventSummary, v.pushTotals}); err != nil {
		return fmt.Errorf("%w", err)
	}
	return v.err()
}
