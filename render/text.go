package render

import (
	"fmt"
	"io"
)

// Text is where a view writes its form for people. All text passes through [Escape]. The first error is kept and
// returned by [Printer.Show]; views need not look.
type Text struct {
	w   io.Writer
	o   Options
	err error
}

// Linef writes one line. A line break inside it is shown as an escape, like every other control character.
func (t *Text) Linef(format string, args ...any) {
	t.Verbatim(Escape(fmt.Sprintf(format, advised(args, t.o.Program)...)) + "\n")
}

// Terminal reports whether people read this, rather than a program at the other end of a pipe.
func (t *Text) Terminal() bool { return t.o.Width > 0 }

// Fields writes a titled table of names and values without a header.
func (t *Text) Fields(title string, fields [][2]string) {
	table := Table{Title: title, Columns: make([]Column, 2)}
	for _, f := range fields {
		table.Add(f[0], f[1])
	}
	t.Table(table)
}

// Verbatim writes the bytes of a file that was asked for on standard output: a token, creds, a server configuration.
// It does not escape: text from the store never goes this way, nor a payload from the network when [Text.Terminal].
func (t *Text) Verbatim(file string) {
	if t.err != nil {
		return
	}
	_, err := io.WriteString(t.w, file)
	t.fail(err)
}

func (t *Text) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

// Color is how a line stands out on a terminal.
type Color string

// The colours.
const (
	Plain  Color = ""
	Red    Color = "31"
	Green  Color = "32"
	Yellow Color = "33"
	Blue   Color = "34"
)

// Colored is [Text.Linef] in a colour, where colours are allowed.
func (t *Text) Colored(c Color, format string, args ...any) {
	line := Escape(fmt.Sprintf(format, advised(args, t.o.Program)...))
	if t.o.Color && c != Plain {
		line = "\x1b[" + string(c) + "m" + line + "\x1b[0m"
	}
	t.Verbatim(line + "\n")
}
