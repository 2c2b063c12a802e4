package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"nkeep/keystore"

	"github.com/spf13/pflag"
)

// accept checks an answer and sets the flag to it.
func (d *dialogue) accept(q question, p prompt, answer string) error {
	switch {
	case q.yesNo && p.present != "" && answer == p.initial:
		return nil
	case q.yesNo && p.present != "":
		return d.setFlag(q.flag, onOff(answer))
	case answer == "" && q.required:
		return errors.New("an answer is needed")
	case answer == "", q.implied && answer == p.initial:
		return nil
	case keystore.HoldsSeed(answer):
		return errors.New("looks like a seed, which is not to be seen: where a key is asked for, answer - to type it hidden")
	case q.check != nil:
		if err := q.check(d, answer); err != nil {
			return err
		}
	}
	return d.set(q, answer)
}

// set gives the answer to the command, as a flag or as its argument.
func (d *dialogue) set(q question, answer string) error {
	switch {
	case answer == "-" && slices.Contains(keyFlags(), q.flag) && d.app.askedFor != "":
		return errors.New("one seed only can be typed; give a file that holds this one")
	case len(q.pick) > 0:
		for picked := range strings.SplitSeq(answer, ",") {
			d.picked[picked] = true
			if d.c.Flags().Lookup(picked).Value.Type() != "bool" {
				continue // its value is asked for next
			}
			if err := d.c.Flags().Set(picked, "true"); err != nil {
				return err
			}
			d.words = append(d.words, "--"+picked)
		}
		return nil
	case q.flag == "":
		words := []string{answer}
		if q.many {
			words = splitList(answer)
		}
		d.args, d.words = append(d.args, words...), append(d.words, words...)
		return nil
	case q.yesNo:
		answer = onOff(answer)
		if def := d.c.Flags().Lookup(q.flag).DefValue; answer == def || answer == "false" && def == "" {
			return nil
		}
	}
	return d.setFlag(q.flag, answer)
}

// onOff is how yes and no are typed on a command line.
func onOff(answer string) string { return map[string]string{yes: "true", no: "false"}[answer] }

func (d *dialogue) setFlag(name, answer string) error {
	err := d.c.Flags().Set(name, answer)
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if err = invalid.Unwrap(); !strings.Contains(err.Error(), answer) {
			err = fmt.Errorf("%q: %w", answer, err)
		}
	}
	if err != nil {
		return err
	}
	d.answers[name] = answer
	d.words = append(d.words, flagWords(d.c, name, answer)...)
	return nil
}

// value is what a flag has been set to, empty for nothing.
func (d *dialogue) value(flag string) string { return d.c.Flags().Lookup(flag).Value.String() }

// chosen reports whether a switch is on.
func (d *dialogue) chosen(flag string) bool {
	if answer, ok := d.answers[flag]; ok {
		return answer == "true"
	}
	return d.c.Flags().Changed(flag)
}
