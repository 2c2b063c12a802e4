package cmd

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// script is what a command asks for with --interactive, in this order. The
// answers become flags, so that the command runs as if they had been typed.
type script struct {
	first   []question
	topics  []topic // of these, what somebody wants to talk about
	last    []question
	present func(d *dialogue, flag string) []string // what a flag changes says now, in words; nil for nothing
	destroy func(d *dialogue) string                // what is going to be lost, if it cannot be undone: it is confirmed, and what is missing is asked for in any case
	eager   bool                                    // asks in any case when nothing at all is given
	alone   bool                                    // needs no operator
}

// topic is a group of questions that most people have no use for.
type topic struct {
	name      string
	questions []question
}

// question asks for the value of a flag that is not given.
type question struct {
	flag     string   // that the answer goes to; empty for an argument
	at       int      // which argument, from 0
	pick     []string // flags in place of one, of which the answer names one
	unless   []string // flags beside which there is nothing to ask
	text     string
	help     string
	required bool // the command cannot do without
	many     bool // several answers, separated by commas
	yesNo    bool
	free     bool // the options are only proposals
	implied  bool // the initial answer is what the command does by itself
	only     bool // the only option there is becomes the answer

	when    func(d *dialogue) bool // nil for always
	initial func(d *dialogue, options []option) string
	options func(d *dialogue) ([]option, error)
	check   func(d *dialogue, answer string) error
}

// allowMissing lets a command whose arguments are missing through to its
// questions, after which they are looked at.
func (a *app) allowMissing(c *cobra.Command) {
	check := c.Args
	if check == nil {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := refuseDetached(c, a.typed); err != nil {
			return err
		}
		err := check(c, args)
		if !a.flags.interactive || err == nil && len(args) > 0 {
			return err
		}
		a.checkArgs = check
		return nil
	}
}

// interact asks for what is missing, and returns the arguments of the command.
func (a *app) interact(c *cobra.Command, args []string) ([]string, error) {
	if !a.flags.interactive && !asksUnasked(c) {
		return args, nil
	}
	s, ok := scripts()[commandName(c)]
	d := &dialogue{app: a, c: c, args: args, script: s, answers: map[string]string{}, picked: map[string]bool{}}
	if !ok || !a.flags.interactive && !d.unasked() {
		return args, nil
	}
	if d.asker, ok = a.asker(); !ok {
		if !a.flags.interactive {
			return args, nil
		}
		return args, d.refuse()
	}
	defer d.asker.close()
	a.begun = true
	var err error
	if d.w, err = a.openPlaces(); err != nil {
		return args, err
	}
	if _, err := d.w.flaggedStore(c); err != nil && !s.alone {
		return args, err
	}
	if err = d.run(c.Context()); errors.Is(err, errNothing) {
		err = nil
	}
	a.flags.interactive = true // what is to be confirmed is confirmed
	return d.args, err
}

// asksUnasked reports whether a command may ask without --interactive.
func asksUnasked(c *cobra.Command) bool {
	name := commandName(c)
	return name == "init" || strings.HasPrefix(name, "delete ")
}

// unasked reports whether to ask without --interactive: for what is destroyed,
// which is never guessed, and where nothing is given and a person looks on.
func (d *dialogue) unasked() bool {
	if d.script.destroy != nil {
		return slices.ContainsFunc(d.script.first, d.lacks)
	}
	return d.script.eager && !slices.ContainsFunc(d.questions(), d.given) && terminalWidth(d.app.env.Stdout) > 0
}

// refuse says which flags would have been asked for: nobody is there to answer.
func (d *dialogue) refuse() error {
	var needed, others, picks []string
	for _, q := range d.questions() {
		picks = append(picks, q.pick...)
		switch {
		case d.given(q), slices.Contains(picks, q.flag): // or named already
		case q.required:
			needed = append(needed, q.name())
		default:
			others = append(others, q.name())
		}
	}
	if len(needed)+len(others) == 0 && d.script.destroy == nil {
		return nil
	}
	hint := ""
	if d.script.destroy != nil {
		hint = "leave it out to delete without being asked; "
	}
	if len(needed) > 0 {
		hint += "give " + strings.Join(needed, ", ") + "; "
	}
	if len(others) > 0 {
		hint += "there are also " + strings.Join(others, ", ")
	}
	return withHint(usagef("%s: --interactive needs a terminal at standard input", commandName(d.c)), "%s", strings.TrimSuffix(hint, "; "))
}

func (d *dialogue) questions() []question {
	all := slices.Clone(d.script.first)
	for _, t := range d.script.topics {
		all = append(all, t.questions...)
	}
	return append(all, d.script.last...)
}

// name is how a question is answered on the command line.
func (q question) name() string {
	switch {
	case len(q.pick) > 0:
		return "--" + strings.Join(q.pick, " or --")
	case q.flag == "":
		return "the " + strings.ToLower(q.text)
	}
	return "--" + q.flag
}
