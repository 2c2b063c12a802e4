package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"nkeep/render"

	"golang.org/x/term"
)

// shownOptions is how many options of a prompt are listed: whoever has more of
// them knows what they are called.
const shownOptions = 20

// terminalAsker asks in lines, which suits every terminal, screen readers, and
// people who type ahead. It is raw from the first prompt until it is closed:
// Ctrl-C comes as a character, and nothing typed between two prompts is lost.
type terminalAsker struct {
	in     *os.File
	out    io.Writer
	lines  *term.Terminal
	before *term.State // nil while the terminal is as it was
	width  int
	bold   [2]string // around what is asked for
	dim    [2]string // around what explains it
}

// openTerminal takes the terminal at standard input, if one is there. It speaks
// through standard error or, when that leads elsewhere, through standard input,
// which shells open for both: standard output is for results.
func openTerminal(env Env) (*terminalAsker, bool) {
	in, ok := env.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return nil, false
	}
	out := in
	if f, ok := env.Stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		out = f
	}
	t := &terminalAsker{in: in, out: out, lines: term.NewTerminal(conversation{in, out}, ""), width: 80}
	if width, height, err := term.GetSize(int(out.Fd())); err == nil && width > 0 {
		t.width = width
		_ = t.lines.SetSize(width, height) // writes nothing before the first prompt
	}
	_, plain := env.LookupEnv("NO_COLOR")
	if kind, _ := env.LookupEnv("TERM"); !plain && kind != "" && kind != "dumb" {
		t.bold = [2]string{"\x1b[1m", "\x1b[0m"}
		t.dim = [2]string{"\x1b[2m", "\x1b[0m"}
	}
	return t, true
}

func (t *terminalAsker) close() {
	if t.before != nil {
		_ = term.Restore(int(t.in.Fd()), t.before) // nowhere is left to turn to
		t.before = nil
	}
}

func (t *terminalAsker) say(line string) {
	_, _ = io.WriteString(t.lines, line+"\n") // a terminal that is gone is noticed by reading
}

func (t *terminalAsker) ask(ctx context.Context, p prompt) (string, error) {
	if t.before == nil {
		before, err := term.MakeRaw(int(t.in.Fd()))
		if err != nil {
			return "", fmt.Errorf("terminal: %w", err)
		}
		t.before = before
	}
	t.show(p)
	for {
		line, err := t.read(ctx, p)
		if err != nil {
			_, _ = io.WriteString(t.out, "\r\n")
			return "", err
		}
		answer, err := p.answer(line)
		if err == nil {
			return answer, nil
		}
		t.say("  " + render.Escape(err.Error()))
	}
}

// show lists what can be answered, on one line if that suffices.
func (t *terminalAsker) show(p prompt) {
	for _, line := range broken(p.help, t.width-2) {
		t.say(t.dim[0] + "  " + render.Escape(line) + t.dim[1])
	}
	if p.yesNo {
		return
	}
	if line, ok := p.onOneLine(t.width); ok {
		t.say(line)
		return
	}
	width := 0
	for _, o := range p.options[:min(len(p.options), shownOptions)] {
		width = max(width, len(render.Escape(o.value)))
	}
	for i, o := range p.options {
		if i == shownOptions {
			t.say(fmt.Sprintf("      … and %d more: type a name, Tab completes it", len(p.options)-i))
			break
		}
		about := ""
		if o.about != "" {
			about = "  " + t.dim[0] + render.Escape(o.about) + t.dim[1]
		}
		t.say(fmt.Sprintf("  %2d  %-*s%s", i+1, width, render.Escape(o.value), about))
	}
}

// broken breaks a text into lines between its words.
func broken(text string, width int) (lines []string) {
	for word := range strings.FieldsSeq(text) {
		if last := len(lines) - 1; last >= 0 && len(lines[last])+1+len(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// onOneLine lists options that go without explanation.
func (p prompt) onOneLine(width int) (string, bool) {
	var line strings.Builder
	for i, o := range p.options {
		if o.about != "" || line.Len() > width {
			return "", false
		}
		fmt.Fprintf(&line, "  %d %s", i+1, render.Escape(o.value))
	}
	return line.String(), line.Len() > 0 && line.Len() <= width
}

// read reads a line. It ends with ctx, although nothing can end the reading itself.
func (t *terminalAsker) read(ctx context.Context, p prompt) (string, error) {
	type result struct {
		line string
		err  error
	}
	done := make(chan result, 1)
	t.lines.History = walk{p.options}
	t.lines.AutoCompleteCallback = p.complete
	before, after := t.bold[0]+render.Escape(p.text)+t.bold[1], render.Escape(p.suffix())
	go func() {
		var r result
		if p.hidden {
			r.line, r.err = t.lines.ReadPassword(before + after)
		} else {
			t.lines.SetPrompt(before + after)
			r.line, r.err = t.lines.ReadLine()
		}
		done <- r
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case r := <-done:
		if errors.Is(r.err, io.EOF) { // Ctrl-C or Ctrl-D
			return "", context.Canceled
		}
		return r.line, r.err
	}
}

// walk lets the arrows go through the options.
type walk struct{ options []option }

// Add implements [term.History]: what was answered is no option.
func (w walk) Add(string) {}

// Len implements [term.History].
func (w walk) Len() int { return len(w.options) }

// At implements [term.History].
func (w walk) At(i int) string { return w.options[i].value }

// conversation is a terminal: what is typed, and what is shown.
type conversation struct {
	io.Reader
	io.Writer
}
