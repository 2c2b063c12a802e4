package cmd

import (
	"context"
	"errors"
)

// confirm asks whether to go on with what cannot be undone; an empty answer is
// no, and ends the command. Without a terminal, where nobody can say yes, it
// refuses, and names --force, which the caller must have. It is called before a
// change begins: while people think, the stores are not locked.
func (a *app) confirm(ctx context.Context, question string) error {
	asker, ok := a.asker()
	if !ok {
		return withHint(usagef("%s There is no terminal to answer on", question), "--force does it without asking")
	}
	defer asker.close()
	answer, err := asker.ask(ctx, yesOrNo(question))
	if err != nil {
		return err
	}
	if answer != yes {
		return errors.New("not confirmed: nothing is changed")
	}
	return nil
}

// asker is the one of the run: a terminal, if there is one.
func (a *app) asker() (asker, bool) {
	if a.asks == nil {
		if t, ok := openTerminal(a.env); ok {
			a.asks = t
		}
	}
	return a.asks, a.asks != nil
}
