package accountserver

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// Measures of the drawing, in pixels.
const (
	graphRow    = 34
	graphBox    = 24
	graphWidth  = 900
	graphColumn = 260
	graphName   = 30 // characters of a name that fit into a box
)

// graph is who imports from whom: exporters on the left, importers on the right.
type graph struct {
	Width, Height int
	Boxes         []graphNode
	Lines         []graphLine
}

// graphNode is an account.
type graphNode struct {
	X, Y, Width, Height int
	TextX, TextY        int
	Name, Short         string
}

// graphLine is an import, from the exporter to the importer.
type graphLine struct {
	X1, Y1, X2, Y2, Bend1, Bend2 int
	Title                        string
}

// drawGraph lays the imports out.
func drawGraph(links []statusLink) graph {
	left, right := map[string]int{}, map[string]int{}
	for _, l := range links {
		left[l.From], right[l.To] = 0, 0
	}
	g := graph{Width: graphWidth}
	g.column(left, 0)
	g.column(right, graphWidth-graphColumn)
	drawn := map[[2]string]int{}
	for _, l := range links {
		ends := [2]string{l.From, l.To}
		title := l.From + " → " + l.To + ": " + l.Type + " " + l.Subject
		if i, ok := drawn[ends]; ok { // one line for all that one has from another
			g.Lines[i].Title += "\n" + title
			continue
		}
		drawn[ends] = len(g.Lines)
		x1, x2 := graphColumn, graphWidth-graphColumn
		g.Lines = append(g.Lines, graphLine{x1, left[l.From], x2, right[l.To], (2*x1 + x2) / 3, (x1 + 2*x2) / 3, title})
	}
	return g
}

// column stacks boxes, and puts the height of their middles into rows.
func (g *graph) column(rows map[string]int, x int) {
	for i, name := range slices.Sorted(maps.Keys(rows)) {
		y := i * graphRow
		rows[name] = y + graphBox/2
		g.Boxes = append(g.Boxes, graphNode{x, y, graphColumn, graphBox, x + 8, y + 17, name, shortened(name)})
		g.Height = max(g.Height, y+graphRow)
	}
}

func shortened(name string) string {
	if runes := []rune(name); len(runes) > graphName {
		return string(runes[:graphName-1]) + "…"
	}
	return name
}

// sort orders what the page shows by names.
func (v *status) sort() {
	slices.SortFunc(v.Shown, func(a, b statusAccount) int { return strings.Compare(a.Name, b.Name) })
	slices.SortFunc(v.Links, func(a, b statusLink) int {
		return cmp.Or(strings.Compare(a.From, b.From), strings.Compare(a.To, b.To), strings.Compare(a.Subject, b.Subject))
	})
}
