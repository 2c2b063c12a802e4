package render

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

// Column is one column of a [Table].
type Column struct {
	// Name heads the column. A table whose columns have no names has no header.
	Name string
	// ID marks a column of public keys. They are abbreviated when the table is wider than the terminal,
	// unless long ids were asked for, and never when output is piped.
	ID bool
}

// Row is one row of a [Table].
type Row struct {
	Cells []string
	// Current marks the entry that commands use when none is named: bold where there is colour, with an asterisk on
	// a terminal without, and not at all in output that is piped.
	Current bool
}

// Table is a titled box of rows, in the order given. An empty title leaves out the title line; with neither header nor rows
// there is no box at all.
type Table struct {
	Title   string
	Columns []Column
	Rows    []Row
}

// Columns makes columns of plain text with the given names.
func Columns(names ...string) []Column {
	columns := make([]Column, len(names))
	for i, name := range names {
		columns[i].Name = name
	}
	return columns
}

// Add appends a row.
func (t *Table) Add(cells ...string) {
	t.Rows = append(t.Rows, Row{Cells: cells})
}

// Table writes a table.
func (t *Text) Table(table Table) {
	if t.err != nil {
		return
	}
	grid := newGrid(table, t.o)
	t.fail(grid.write(t.w))
}

// grid is a table made ready to be drawn: cells are escaped, marked and short enough.
type grid struct {
	title  string
	header []string // nil for none
	rows   [][]string
}

func newGrid(table Table, o Options) grid {
	g := grid{title: Escape(table.Title), header: header(table.Columns)}
	for _, row := range table.Rows {
		cells := escapeCells(row.Cells, len(table.Columns))
		if row.Current && !o.Color && o.Width > 0 && len(cells) > 0 {
			cells[0] += " *"
		}
		g.rows = append(g.rows, cells)
	}
	if o.Width > 0 && !o.LongIDs && g.width() > o.Width {
		abbreviateIDs(g.rows, table.Columns)
	}
	for i, row := range table.Rows {
		if row.Current && o.Color { // escapes count for width: last
			embolden(g.rows[i])
		}
	}
	return g
}

func header(columns []Column) []string {
	var names []string
	named := false
	for _, c := range columns {
		names = append(names, Escape(c.Name))
		named = named || c.Name != ""
	}
	if !named {
		return nil
	}
	return names
}

// escapeCells returns exactly n cells, so that every row has the shape of its table.
func escapeCells(cells []string, n int) []string {
	out := make([]string, n)
	for i := range min(n, len(cells)) {
		out[i] = Escape(cells[i])
	}
	return out
}

// cellFrame is what a cell takes besides its text: a blank on either side and a border. One more border closes the row.
const cellFrame = 3

func embolden(cells []string) {
	for i, cell := range cells {
		cells[i] = "\x1b[1m" + cell + "\x1b[0m"
	}
}

// width is how many terminal columns the box takes when every column is as wide as its widest cell.
func (g grid) width() int {
	var widest []int
	measure := func(cells []string) {
		for i, cell := range cells {
			if i == len(widest) {
				widest = append(widest, 0)
			}
			widest[i] = max(widest[i], displayWidth(cell))
		}
	}
	measure(g.header)
	for _, row := range g.rows {
		measure(row)
	}
	total := 1
	for _, w := range widest {
		total += w + cellFrame
	}
	return total
}

// displayWidth is the number of terminal columns of s.
func displayWidth(s string) int {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return twwidth.Width(s)
		}
	}
	return len(s)
}

func abbreviateIDs(rows [][]string, columns []Column) {
	for _, row := range rows {
		for i, c := range columns {
			if c.ID {
				row[i] = abbreviate(row[i])
			}
		}
	}
}

// abbreviate shortens a public nkey (56 characters of base32) to its two ends. Other text, names included, stays.
func abbreviate(id string) string {
	const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	if len(id) != 56 || strings.Trim(id, base32) != "" {
		return id
	}
	return id[:8] + "…" + id[len(id)-7:]
}
