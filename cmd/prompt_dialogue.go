package cmd

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// errNothing ends a dialogue about what is not there, which is for the command to say.
var errNothing = errors.New("nothing to choose from")

// dialogue is one run of a script.
type dialogue struct {
	app     *app
	asker   asker
	c       *cobra.Command
	args    []string
	w       *workspace
	script  script
	asked   bool
	words   []string          // the answers, as they are typed on a command line
	answers map[string]string // the answers by flag
	picked  map[string]bool   // flags that were the answer
}

func (d *dialogue) run(ctx context.Context) error {
	if err := d.askAll(ctx, d.script.first); err != nil {
		return err
	}
	if err := d.askTopics(ctx); err != nil {
		return err
	}
	if err := d.askAll(ctx, d.script.last); err != nil {
		return err
	}
	if d.script.destroy != nil {
		if err := d.app.confirm(ctx, "Delete the "+d.script.destroy(d)+"?"); err != nil {
			return err
		}
	}
	d.asker.close() // what follows is not written by it
	if d.asked {
		d.app.out.Notef("the same without questions: %s", d.app.commandLine(d.c, d.words))
	}
	return nil
}

func (d *dialogue) askAll(ctx context.Context, questions []question) error {
	for _, q := range questions {
		if err := d.ask(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// askTopics asks which topics are wanted, and then for what they consist of.
func (d *dialogue) askTopics(ctx context.Context) error {
	p := prompt{text: "What else to set", many: true, may: true}
	if strings.HasPrefix(commandName(d.c), "edit ") {
		p.text = "What to change"
	}
	for _, t := range d.script.topics {
		if slices.ContainsFunc(t.questions, d.open) {
			p.options = append(p.options, option{value: t.name})
		}
	}
	if len(p.options) == 0 {
		return nil
	}
	p.help = "Several with commas; leave empty for nothing."
	d.asked = true
	answer, err := d.asker.ask(ctx, p)
	if err != nil {
		return err
	}
	wanted := strings.Split(answer, ",")
	for _, t := range d.script.topics {
		if slices.Contains(wanted, t.name) {
			if err := d.askAll(ctx, t.questions); err != nil {
				return err
			}
		}
	}
	return nil
}

// open reports whether a question is still to be asked.
func (d *dialogue) open(q question) bool {
	return !d.given(q) && (q.when == nil || q.when(d))
}

// given reports whether the command line has the answer already.
func (d *dialogue) given(q question) bool {
	argument := q.flag == "" && len(q.pick) == 0 || q.flag == "name" && takesName(d.c)
	return argument && len(d.args) > q.at || slices.ContainsFunc(slices.Concat(q.pick, q.unless, []string{q.flag}), d.c.Flags().Changed)
}

// lacks reports whether the command misses the answer.
func (d *dialogue) lacks(q question) bool { return q.required && !d.given(q) }

// takesName reports whether the argument of a command is what --name is.
func takesName(c *cobra.Command) bool { return strings.Contains(c.Use, "NAME") }

// ask asks a question, unless it is answered already or only one answer is left.
func (d *dialogue) ask(ctx context.Context, q question) error {
	if !d.open(q) {
		return nil
	}
	p, err := d.prompt(q)
	if err != nil {
		return err
	}
	if q.options != nil && !q.free && len(p.options) == 0 {
		if q.required {
			return errNothing
		}
		return nil
	}
	if len(p.options) == 1 && !q.free && d.app.flags.interactive {
		switch sole := p.options[0].value; {
		case q.required, q.only:
			if err := d.set(q, sole); err != nil {
				return err
			}
			return d.askSeed(ctx, q, sole)
		case p.initial == sole:
			return nil
		}
	}
	d.asked = true
	answer, err := d.asker.ask(ctx, p)
	if err != nil {
		return err
	}
	return d.askSeed(ctx, q, answer)
}

// prompt is a question with what can be answered.
func (d *dialogue) prompt(q question) (prompt, error) {
	p := prompt{text: q.text, help: q.help, many: q.many, free: q.free, may: !q.required}
	if q.yesNo {
		p = yesOrNo(q.text)
	}
	for _, name := range q.pick {
		p.options = append(p.options, option{name, d.c.Flags().Lookup(name).Usage})
	}
	if q.options != nil {
		var err error
		if p.options, err = q.options(d); err != nil {
			return p, err
		}
	}
	switch {
	case q.initial != nil:
		p.initial = q.initial(d, p.options)
	case d.script.present != nil:
		p.keep(d.script.present(d, q.flag))
	}
	p.take = func(answer string) error { return d.accept(q, p, answer) }
	return p, nil
}

// askSeed asks for a seed in place of a key, until it gets one.
func (d *dialogue) askSeed(ctx context.Context, q question, answer string) error {
	if answer != "-" || !slices.Contains(keyFlags(), q.flag) {
		return nil
	}
	for {
		err := d.app.readKey(ctx, "--"+q.flag, answer)
		if !errors.As(err, new(usageError)) {
			d.app.askedFor = "--" + q.flag
			return err
		}
		d.app.stdinFor = ""
		d.asker.say("  " + err.Error())
	}
}
