package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// asker asks people. How it does so, and by what library, is its own business.
type asker interface {
	// ask returns the answer to a prompt; see [prompt.answer]. Whoever is asked may
	// end it all, which is a [context.Canceled].
	ask(ctx context.Context, p prompt) (string, error)
	// say shows a line between the prompts.
	say(line string)
	// close gives the terminal back as it was.
	close()
}

// prompt is what somebody is asked for.
type prompt struct {
	text    string
	help    string                    // a line above the text
	initial string                    // what an empty answer stands for
	present string                    // what an empty answer keeps, in words
	options []option                  // what can be answered; anything if there are none
	free    bool                      // the options are only proposals
	many    bool                      // several answers, separated by commas
	yesNo   bool                      // the options are yes and no
	may     bool                      // the answer may be empty
	hidden  bool                      // the answer is not shown
	take    func(answer string) error // takes the answer, or says what is wrong with it
}

// option is one of the answers that a prompt offers.
type option struct {
	value string
	about string // what the value does not say
}

const (
	yes = "yes"
	no  = "no"
)

// yesOrNo is a prompt for which an empty answer is no.
func yesOrNo(text string) prompt {
	return prompt{text: text, initial: no, yesNo: true, options: []option{{value: yes}, {value: no}}}
}

// suffix ends the line on which the answer is typed.
func (p prompt) suffix() string {
	switch {
	case p.yesNo && p.initial == yes:
		return " [Y/n]: "
	case p.yesNo:
		return " [y/N]: "
	case p.initial == "" && p.present != "":
		return " [" + p.present + "]: "
	case p.initial == "":
		return ": "
	}
	if i := slices.IndexFunc(p.options, func(o option) bool { return o.value == p.initial }); i >= 0 && len(p.initial) > longAnswer {
		return " [" + strconv.Itoa(i+1) + "]: "
	}
	return " [" + p.initial + "]: "
}

// longAnswer is the length of an answer, such as a key, which its number stands for.
const longAnswer = 40

// answer is what a line says: text, or options by number, by name, or by the
// beginning of one.
func (p prompt) answer(line string) (string, error) {
	answer := strings.TrimSpace(line)
	if answer == "" {
		answer = p.initial
	}
	parts := []string{answer}
	if p.many {
		parts = strings.Split(answer, ",")
	}
	for i, part := range parts {
		part, err := p.option(strings.TrimSpace(part))
		if err != nil {
			return "", err
		}
		parts[i] = part
	}
	answer = strings.Join(parts, ",")
	if p.take != nil {
		if err := p.take(answer); err != nil {
			return "", err
		}
	}
	return answer, nil
}

func (p prompt) option(part string) (string, error) {
	if len(p.options) == 0 || part == "" && (p.free || p.may) {
		return part, nil
	}
	if slices.ContainsFunc(p.options, func(o option) bool { return o.value == part }) {
		return part, nil
	}
	if n, err := strconv.Atoi(part); err == nil && n >= 1 && n <= len(p.options) {
		return p.options[n-1].value, nil
	}
	if p.free {
		return part, nil
	}
	like := p.like(part)
	switch {
	case part == "":
		return "", errors.New("an answer is needed")
	case len(like) == 1:
		return like[0], nil
	case len(like) > 1:
		return "", fmt.Errorf("%q could be %s", part, firstOf(like, 5))
	case p.yesNo:
		return "", fmt.Errorf("%q is neither yes nor no", part)
	}
	return "", fmt.Errorf("%q is not there to choose", part)
}

// like are the options that begin in such a way.
func (p prompt) like(part string) (values []string) {
	for _, o := range p.options {
		if len(o.value) >= len(part) && strings.EqualFold(o.value[:len(part)], part) {
			values = append(values, o.value)
		}
	}
	return values
}

// complete completes the last option on a line, at the key Tab, as far as only
// one goes on.
func (p prompt) complete(line string, pos int, key rune) (newLine string, newPos int, ok bool) {
	if key != '\t' || pos != len(line) {
		return "", 0, false
	}
	begin := 0
	if p.many {
		begin = strings.LastIndexByte(line, ',') + 1
	}
	like := p.like(strings.TrimSpace(line[begin:]))
	if len(like) == 0 {
		return line, pos, true
	}
	common := like[0]
	for _, value := range like[1:] {
		for !strings.HasPrefix(value, common) {
			common = common[:len(common)-1]
		}
	}
	line = line[:begin] + common
	return line, len(line), true
}
