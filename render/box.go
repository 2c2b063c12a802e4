package render

import (
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// write draws the grid with tablewriter. Everything tablewriter would do to a cell is off: cells are one line already,
// and an id must come out as it went in.
func (g grid) write(w io.Writer) error {
	g.widenForTitle()
	t := tablewriter.NewTable(w,
		tablewriter.WithRenderer(newBox(g.title)),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithBehavior(tw.Behavior{TrimSpace: tw.Off, TrimLine: tw.Off, TrimTab: tw.Off}),
	)
	if g.header != nil {
		t.Header(g.header)
	}
	for _, row := range g.rows {
		if err := t.Append(row); err != nil {
			return err
		}
	}
	return t.Render()
}

// widenForTitle gives the last column the blanks that a box needs to be as wide as its title.
func (g grid) widenForTitle() {
	row := g.header
	if row == nil && len(g.rows) > 0 {
		row = g.rows[0]
	}
	if len(row) == 0 {
		return
	}
	missing := displayWidth(g.title) + cellFrame + 1 - g.width()
	if missing <= 0 {
		return
	}
	last := len(row) - 1
	widest := displayWidth(row[last])
	for _, r := range g.rows {
		widest = max(widest, displayWidth(r[last]))
	}
	row[last] += strings.Repeat(" ", widest-displayWidth(row[last])+missing)
}

// box is tablewriter's rounded box with a title line on top, which the library does not offer: its captions stand outside.
// The first line that is drawn is the top border; we write the title above it and let the corners join.
type box struct {
	*renderer.Blueprint

	w     io.Writer
	title string // "" for none, or once it is written
}

func newBox(title string) *box {
	symbols := tw.NewSymbols(tw.StyleRounded)
	if title != "" {
		symbols = joined{symbols}
	}
	return &box{Blueprint: renderer.NewBlueprint(tw.Rendition{Symbols: symbols}), title: title}
}

// Start implements [tw.Renderer].
func (b *box) Start(w io.Writer) error {
	b.w = w
	return b.Blueprint.Start(w)
}

// Line implements [tw.Renderer].
func (b *box) Line(ctx tw.Formatting) {
	if b.title != "" {
		width := -1 // columns are separated, not followed, by a border
		ctx.Row.Widths.Each(func(_, column int) { width += column + 1 })
		_, _ = io.WriteString(b.w, titleLines(b.title, width)) // as Blueprint does: the writer keeps its error
		b.title = ""
	}
	b.Blueprint.Line(ctx)
}

// Row implements [tw.Renderer]. What Blueprint works out anew for each cell is known here: a cell is one line, stands on the
// left and fits its column. Most of the time of a long list goes into this.
func (b *box) Row(cells []string, ctx tw.Formatting) {
	var line strings.Builder
	for i, cell := range cells {
		line.WriteString("│ ")
		line.WriteString(cell)
		line.WriteString(strings.Repeat(" ", max(0, ctx.Row.Widths.Get(i)-1-displayWidth(cell))))
	}
	line.WriteString("│\n")
	_, _ = io.WriteString(b.w, line.String()) // as Blueprint does: the writer keeps its error
}

// titleLines returns the top border and the title, centred in width columns between the borders.
func titleLines(title string, width int) string {
	free := max(0, width-displayWidth(title))
	left := free / 2
	return "╭" + strings.Repeat("─", width) + "╮\n" +
		"│" + strings.Repeat(" ", left) + title + strings.Repeat(" ", free-left) + "│\n"
}

// joined are symbols whose top corners join the line above.
type joined struct{ tw.Symbols }

// TopLeft implements [tw.Symbols].
func (joined) TopLeft() string { return "├" }

// TopRight implements [tw.Symbols].
func (joined) TopRight() string { return "┤" }
