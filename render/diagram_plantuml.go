package render

import (
	"fmt"
	"strings"
)

// plantUML writes a component or an object diagram.
func (d Diagram) plantUML(b *strings.Builder) {
	fmt.Fprintf(b, "@startuml\ntitle %s\n", plantText(d.title))
	if !d.objects {
		b.WriteString("left to right direction\nskinparam componentStyle uml2\n")
	}
	for i, n := range d.nodes {
		d.plantNode(b, i, n)
		if len(n.notes) > 0 {
			fmt.Fprintf(b, "note bottom of %s #FFDDDD\n", nodeID(i))
			for _, note := range n.notes {
				fmt.Fprintf(b, "  %s\n", plantText(note))
			}
			b.WriteString("end note\n")
		}
	}
	for _, e := range d.edges {
		arrow := "--"
		if e.dotted {
			arrow = "..>"
		}
		fmt.Fprintf(b, "%s %s %s", nodeID(e.from), arrow, nodeID(e.to))
		if e.label != "" {
			fmt.Fprintf(b, " : %s", plantText(e.label))
		}
		b.WriteByte('\n')
	}
	b.WriteString("@enduml\n")
}

func (d Diagram) plantNode(b *strings.Builder, i int, n diagramNode) {
	if d.objects {
		fmt.Fprintf(b, "object \"%s\" as %s <<%s>> {\n", plantText(n.title), nodeID(i), n.kind)
		for _, line := range n.lines {
			fmt.Fprintf(b, "  %s\n", plantText(line))
		}
		b.WriteString("}\n")
		return
	}
	lines := []string{plantText(n.title)}
	for _, line := range n.lines {
		lines = append(lines, plantText(line))
	}
	label := strings.Join(lines, `\n`)
	switch n.kind {
	case exportNode:
		fmt.Fprintf(b, "interface \"%s\" as %s\n", label, nodeID(i))
	case missingNode:
		fmt.Fprintf(b, "component \"%s\" as %s <<%s>> #FFDDDD\n", label, nodeID(i), n.kind)
	default:
		fmt.Fprintf(b, "component \"%s\" as %s\n", label, nodeID(i))
	}
}

// plantText writes what could be markup, a command or the end of a string by its number. Beyond ASCII nothing is.
func plantText(text string) string {
	plain := func(before string, r rune) bool {
		switch {
		case r > 127, isASCIIWord(r):
			return true
		case r == ' ', r == '.', r == '-', r == '_': // twice they are a line, or markup
			return before != "" && !strings.HasSuffix(before, string(r))
		}
		return strings.ContainsRune(",:;?", r) && before != ""
	}
	return encoded(text, plain, func(r rune) string { return fmt.Sprintf("<U+%04X>", r) })
}
