package accountserver

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Measures of the drawing, in pixels.
const (
	graphPitch  = 36 // from box to box
	graphBox    = 26
	graphWidth  = 560
	graphColumn = 180

	graphMost   = 30 // boxes of a column
	graphColors = 8
)

// graph is who imports from whom: exporters on the left, importers on the right.
// Around the measures is a pixel for the outlines.
type graph struct {
	Width, Height int
	Boxes         []graphBoxed
	Lines         []graphLine
	Hidden        int // accounts that are not drawn
}

// graphBoxed is an account, or several that are alike.
type graphBoxed struct {
	X, Y, Width, Height int
	Class               string
	Name, Title         string
}

// graphLine is what one has from another.
type graphLine struct {
	Path, Class, Title string
}

// member is a box: accounts that are linked to the same others.
type member struct {
	names   []string
	others  map[string]bool // names on the other side
	unknown bool
	row     int
}

// drawGraph lays imports out. Where there are many, those accounts share a box that
// import the same from the same others.
func drawGraph(links []link) graph {
	if len(links) == 0 {
		return graph{}
	}
	left, right := map[string]*member{}, map[string]*member{}
	for _, l := range links {
		join(left, l.from, l.to).unknown = l.unknown
		join(right, l.to, l.from)
	}
	importers, hidden := column(right)
	exporters, more := column(left)
	arrange(exporters, importers)
	g := graph{Width: graphWidth + 2, Height: graphPitch*max(len(exporters), len(importers)) + 2, Hidden: hidden + more}
	g.place(exporters, 0)
	g.place(importers, graphWidth-graphColumn)
	g.connect(exporters, importers, links)
	return g
}

func join(members map[string]*member, name, other string) *member {
	m := members[name]
	if m == nil {
		m = &member{names: []string{name}, others: map[string]bool{}}
		members[name] = m
	}
	m.others[other] = true
	return m
}

// column are the boxes of one side, in the order of their names, and how many
// accounts found no place.
func column(members map[string]*member) (list []*member, hidden int) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list = append(list, members[name])
	}
	if len(list) <= graphMost {
		return list, 0
	}
	alike := map[string]*member{}
	for _, m := range list {
		key := fmt.Sprint(m.unknown, slices.Sorted(maps.Keys(m.others)))
		if first := alike[key]; first != nil {
			first.names = append(first.names, m.names...)
		} else {
			alike[key] = m
		}
	}
	list = slices.SortedFunc(maps.Values(alike), func(a, b *member) int {
		return cmp.Or(cmp.Compare(len(b.names)+len(b.others), len(a.names)+len(a.others)), strings.Compare(a.names[0], b.names[0]))
	})
	for _, m := range list[min(len(list), graphMost):] {
		hidden += len(m.names)
	}
	return list[:min(len(list), graphMost)], hidden
}

// arrange gives everybody a row near those it is linked to, which spares crossings.
func arrange(left, right []*member) {
	number(left)
	for range 3 {
		settle(right, left)
		settle(left, right)
	}
}

func number(list []*member) {
	for i, m := range list {
		m.row = i
	}
}

// settle orders a column by the middle of the rows that its members are linked to.
func settle(list, others []*member) {
	rows := map[string]int{}
	for _, m := range others {
		for _, name := range m.names {
			rows[name] = m.row
		}
	}
	middle := func(m *member) float64 {
		sum, n := 0, 0
		for name := range m.others {
			if row, ok := rows[name]; ok {
				sum, n = sum+row, n+1
			}
		}
		return float64(sum) / float64(max(n, 1))
	}
	slices.SortStableFunc(list, func(a, b *member) int {
		return cmp.Or(cmp.Compare(middle(a), middle(b)), strings.Compare(a.names[0], b.names[0]))
	})
	number(list)
}

// place draws the boxes of a column, in the middle of the height.
func (g *graph) place(list []*member, x int) {
	for _, m := range list {
		y := g.top(list, m)
		b := graphBoxed{X: x, Y: y, Width: graphColumn, Height: graphBox, Name: m.label(), Title: m.title()}
		if x == 0 {
			b.Class = m.color()
		}
		if m.unknown {
			b.Class = "gone"
		}
		g.Boxes = append(g.Boxes, b)
	}
}

func (g *graph) top(list []*member, m *member) int {
	return (g.Height-2-graphPitch*len(list))/2 + graphPitch*m.row + (graphPitch-graphBox)/2
}

// connect draws one line for all that one box has from another.
func (g *graph) connect(left, right []*member, links []link) {
	from, to := owners(left), owners(right)
	titles := map[[2]*member][]string{}
	services := map[[2]*member]bool{}
	for _, l := range links {
		ends := [2]*member{from[l.from], to[l.to]}
		if ends[0] == nil || ends[1] == nil {
			continue
		}
		kind := "stream "
		if l.service {
			kind = "service "
		}
		if title := kind + l.subject; !slices.Contains(titles[ends], title) && len(titles[ends]) < graphMost {
			titles[ends] = append(titles[ends], title)
		}
		services[ends] = l.service && (services[ends] || len(titles[ends]) == 1)
	}
	for _, a := range left {
		for _, b := range right {
			ends := [2]*member{a, b}
			if titles[ends] == nil {
				continue
			}
			class := a.color()
			if services[ends] {
				class += " service"
			}
			x1, x2 := graphColumn, graphWidth-graphColumn
			y1, y2 := g.top(left, a)+graphBox/2, g.top(right, b)+graphBox/2
			bend := (x2 - x1) / 2
			g.Lines = append(g.Lines, graphLine{
				Path:  fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2),
				Class: class, Title: a.label() + " → " + b.label() + "\n" + strings.Join(titles[ends], "\n"),
			})
		}
	}
}

func owners(list []*member) map[string]*member {
	of := map[string]*member{}
	for _, m := range list {
		for _, name := range m.names {
			of[name] = m
		}
	}
	return of
}

func (m *member) color() string { return fmt.Sprintf("c%d", m.row%graphColors) }

func (m *member) label() string {
	if len(m.names) > 1 {
		return fmt.Sprintf("%d accounts", len(m.names))
	}
	return m.names[0]
}

// title is what there is to know beyond the label.
func (m *member) title() string {
	const named = 30
	text := strings.Join(m.names[:min(len(m.names), named)], "\n")
	if more := len(m.names) - named; more > 0 {
		text += fmt.Sprintf("\nand %d more", more)
	}
	if m.unknown {
		text += "\nnot in this store"
	}
	return text
}
