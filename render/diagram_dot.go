package render

import (
	"fmt"
	"strings"
)

// graphviz writes a graph in DOT.
func (d Diagram) graphviz(b *strings.Builder) {
	direction := "LR"
	if d.objects {
		direction = "TB"
	}
	fmt.Fprintf(b, "digraph {\n  label=\"%s\"\n  labelloc=t\n  rankdir=%s\n  node [shape=box, fontname=\"sans-serif\"]\n  edge [fontname=\"sans-serif\"]\n",
		dotText(d.title), direction)
	for i, n := range d.nodes {
		fmt.Fprintf(b, "  %s [label=\"%s%s\"%s]\n", nodeID(i), dotText(n.title), dotLines(n.lines), dotStyle(n.kind))
		if len(n.notes) > 0 {
			fmt.Fprintf(b, "  %sn [label=\"%s\", shape=note, color=red]\n  %[1]s -> %[1]sn [dir=none, style=dotted, color=red]\n",
				nodeID(i), strings.TrimPrefix(dotLines(n.notes), `\n`))
		}
	}
	for _, e := range d.edges {
		style := "dir=none"
		if e.dotted {
			style = "style=dashed"
		}
		if e.label != "" {
			style += fmt.Sprintf(", label=\"%s\"", dotText(e.label))
		}
		fmt.Fprintf(b, "  %s -> %s [%s]\n", nodeID(e.from), nodeID(e.to), style)
	}
	b.WriteString("}\n")
}

func dotStyle(kind nodeKind) string {
	switch kind {
	case operatorNode:
		return ", shape=doubleoctagon"
	case exportNode:
		return ", shape=ellipse"
	case userNode:
		return ", style=rounded"
	case missingNode:
		return ", style=dashed, color=red"
	default:
		return ""
	}
}

// dotLines are the lines below a title, each on the left.
func dotLines(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(`\n`)
	for _, line := range lines {
		b.WriteString(dotText(line) + `\l`)
	}
	return b.String()
}

// dotText quotes what ends a string, what begins an escape and what begins an HTML entity, which DOT knows in every label.
func dotText(text string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;").Replace(Escape(text))
}
