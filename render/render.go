// Package render is the only writer of results. It owns how a result looks: tables and lines for people, JSON for
// programs, escaping of foreign text, colour, progress, and the bytes of the files people ask for (server configuration).
//
// It leaves to others what a result is: a command hands over a [View] and the writers to use. Nothing here reads disk,
// network or environment, and nothing is prepared before the first call.
package render

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
)

// Options say how a [Printer] writes. The caller decides them once, from flags, environment and terminals.
type Options struct {
	// Program is the name that the program was called by, which messages use for it; empty is nkeep.
	Program string
	// JSON selects the machine form of every result and of the final error.
	JSON bool
	// Quiet drops notes and progress; warnings, errors and results stay.
	Quiet bool
	// Color allows terminal escape sequences in results. The caller has checked that out is a terminal and NO_COLOR unset.
	Color bool
	// LongIDs keeps ids whole even where a table is wider than the terminal.
	LongIDs bool
	// Width is the number of terminal columns of out; 0 when out is not a terminal.
	Width int
	// ErrTerminal says that err is a terminal, so that progress may be drawn on it.
	ErrTerminal bool
}

// View is a result. Its JSON form is what encoding/json makes of it; Text writes its form for people.
// A view is a contract: fields have JSON tags, lists are sorted, ids are whole, times are [Time].
type View interface {
	Text(t *Text)
}

// jsonWriter is a view that writes its own JSON form piece by piece, because it may be too large to hold.
type jsonWriter interface {
	writeJSON(w io.Writer, program string) error
}

// Printer writes results to one writer, messages to another. It is safe for use by several goroutines.
type Printer struct {
	out, err io.Writer
	o        Options

	mu  sync.Mutex // guards err and bar: a message must not be written into a half-drawn bar
	bar *Progress  // the bar on the screen, if any
}

// New returns a Printer that writes results to out and everything else to err.
func New(out, err io.Writer, o Options) *Printer {
	return &Printer{out: out, err: err, o: o}
}

// Show writes the result of a command. It is the only place that knows whether JSON was asked for. In JSON, HTML characters
// are literal, one space indents a level, and an empty list is [] even where the Go slice is nil.
// Its errors are those of the view and of the writer.
func (p *Printer) Show(v View) error {
	w := bufio.NewWriter(p.out)
	if err := p.write(w, v); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

// ShowLine is [Printer.Show] for one result of a stream that goes on for as long as the command runs: in JSON it is one line.
func (p *Printer) ShowLine(v View) error {
	if !p.o.JSON {
		return p.Show(v)
	}
	b, err := json.Marshal(filled(v, p.o.Program))
	if err == nil {
		_, err = p.out.Write(append(literalHTML(b), '\n'))
	}
	if err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func (p *Printer) write(w io.Writer, v View) error {
	if !p.o.JSON {
		t := &Text{w: w, o: p.o}
		v.Text(t)
		return t.err
	}
	if s, ok := v.(jsonWriter); ok {
		return s.writeJSON(w, p.o.Program)
	}
	return writeJSON(w, v, p.o.Program)
}

// Notef tells the user, on err, something that is not the result. Quiet drops it.
func (p *Printer) Notef(format string, args ...any) {
	if !p.o.Quiet {
		p.message(fmt.Sprintf(Called(format, p.o.Program), args...))
	}
}

// Warnf tells the user, on err, what may turn out wrong although the command goes on.
func (p *Printer) Warnf(format string, args ...any) {
	p.message("warning: " + fmt.Sprintf(Called(format, p.o.Program), args...))
}

// failure is the machine form of the error a command ended with.
type failure struct {
	Error string `json:"error"`
	Hint  string `json:"hint,omitempty"`
	Code  int    `json:"code"`
}

// Fail writes, on err, the error a command ended with, then the hint, if there is one, on a line of its own. In JSON it is
// one object on one line, which also carries the exit code.
func (p *Printer) Fail(err error, hint string, code int) {
	hint = Called(hint, p.o.Program)
	if p.o.JSON {
		p.fail(failure{Error: err.Error(), Hint: hint, Code: code})
		return
	}
	p.message(cmp.Or(p.o.Program, "nkeep") + ": " + err.Error())
	if hint != "" {
		p.message(hint)
	}
}

func (p *Printer) fail(f failure) {
	b, err := json.Marshal(f)
	if err != nil { // two strings and a number always encode
		return
	}
	p.lock()
	defer p.mu.Unlock()
	_, _ = p.err.Write(append(literalHTML(b), '\n')) // nowhere is left to report that err itself is broken
}

// message writes text to err. Lines after the first are indented, so that no foreign text can pass for a message of ours.
func (p *Printer) message(text string) {
	var b strings.Builder
	for i, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		if i > 0 {
			b.WriteString("  ")
		}
		b.WriteString(Escape(line))
		b.WriteByte('\n')
	}
	p.lock()
	defer p.mu.Unlock()
	_, _ = io.WriteString(p.err, b.String()) // as in fail
}

// lock takes the message lock and clears the bar, which draws itself again with the next step.
func (p *Printer) lock() {
	p.mu.Lock()
	if p.bar != nil {
		p.bar.clear()
	}
}
