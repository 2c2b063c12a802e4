package render

import (
	"fmt"
	"strings"
)

// DiagramFormat is the language that a diagram is written in.
type DiagramFormat string

// The languages of diagrams.
const (
	PlantUML DiagramFormat = "plantuml"
	Mermaid  DiagramFormat = "mermaid"
	Graphviz DiagramFormat = "dot"
)

// DiagramFormats are all of them.
func DiagramFormats() []string { return []string{string(PlantUML), string(Mermaid), string(Graphviz)} }

// nodeKind is what a node of a diagram stands for.
type nodeKind string

const (
	operatorNode nodeKind = "operator"
	accountNode  nodeKind = "account"
	userNode     nodeKind = "user"
	exportNode   nodeKind = "export"
	missingNode  nodeKind = "not found" // what an import asks for and nobody has
)

// Diagram is a graph of what an operator has; see [ComponentDiagram] and [ObjectDiagram].
type Diagram struct {
	title   string
	objects bool // nodes are objects that own each other, from top to bottom
	nodes   []diagramNode
	edges   []diagramEdge
}

// diagramNode is a box, in the same terms for all languages.
type diagramNode struct {
	kind  nodeKind
	title string
	lines []string
	notes []string // what is amiss
}

// diagramEdge joins two nodes, by their indices.
type diagramEdge struct {
	from, to int
	label    string
	dotted   bool // an import, which is an arrow; others are plain lines
}

func (d *Diagram) add(n diagramNode) int {
	d.nodes = append(d.nodes, n)
	return len(d.nodes) - 1
}

func (d *Diagram) join(from, to int) { d.edges = append(d.edges, diagramEdge{from: from, to: to}) }

// Encode writes a diagram. The same diagram comes out as the same text, and whatever a name holds, it is shown as it is.
func (d Diagram) Encode(format DiagramFormat) ([]byte, error) {
	var b strings.Builder
	switch format {
	case PlantUML:
		d.plantUML(&b)
	case Mermaid:
		d.mermaid(&b)
	case Graphviz:
		d.graphviz(&b)
	default:
		return nil, fmt.Errorf("diagram format %q: is none of %s", format, strings.Join(DiagramFormats(), ", "))
	}
	return []byte(b.String()), nil
}

// nodeID is what a node is called in the text of a diagram: a name would have to be quoted, and is not unique.
func nodeID(i int) string { return fmt.Sprintf("n%d", i) }

// encoded writes text for a language in which some characters would mean something. Plain says of a character whether it
// stands for itself after what is written already; others are written by escape.
func encoded(text string, plain func(before string, r rune) bool, escape func(r rune) string) string {
	var b strings.Builder
	for _, r := range Escape(text) {
		if plain(b.String(), r) {
			b.WriteRune(r)
		} else {
			b.WriteString(escape(r))
		}
	}
	return b.String()
}

func isASCIIWord(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z'
}
