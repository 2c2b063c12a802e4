package render

import (
	"fmt"
	"strings"
)

// mermaid writes a flowchart, the kind of diagram of Mermaid that every program which draws Mermaid knows.
func (d Diagram) mermaid(b *strings.Builder) {
	direction := "LR"
	if d.objects {
		direction = "TB"
	}
	fmt.Fprintf(b, "---\ntitle: %s\n---\nflowchart %s\n", yamlText(d.title), direction)
	for i, n := range d.nodes {
		opening, closing := mermaidShape(n.kind)
		fmt.Fprintf(b, "  %s%s\"%s\"%s\n", nodeID(i), opening, mermaidLines(append([]string{n.title}, n.lines...)), closing)
		if n.kind == missingNode {
			fmt.Fprintf(b, "  class %s amiss\n", nodeID(i))
		}
		if len(n.notes) > 0 {
			fmt.Fprintf(b, "  %sn>\"%s\"]\n  class %[1]sn amiss\n  %[1]s -.- %[1]sn\n", nodeID(i), mermaidLines(n.notes))
		}
	}
	for _, e := range d.edges {
		arrow := "---"
		if e.dotted {
			arrow = "-.->"
		}
		if e.label != "" {
			arrow += `|"` + mermaidText(e.label) + `"|`
		}
		fmt.Fprintf(b, "  %s %s %s\n", nodeID(e.from), arrow, nodeID(e.to))
	}
	b.WriteString("  classDef amiss stroke:#c00,stroke-dasharray:4\n")
}

func mermaidShape(kind nodeKind) (opening, closing string) {
	switch kind {
	case operatorNode:
		return "[[", "]]"
	case exportNode:
		return "([", "])"
	case userNode:
		return "(", ")"
	default:
		return "[", "]"
	}
}

func mermaidLines(lines []string) string {
	var out []string
	for _, line := range lines {
		out = append(out, mermaidText(line))
	}
	return strings.Join(out, "<br/>")
}

// mermaidText writes by its number what Mermaid would take for the end of a string, HTML or Markdown; a list or a heading
// is known by how its line begins, a link by its www.
func mermaidText(text string) string {
	plain := func(before string, r rune) bool {
		switch {
		case before == "":
			return r > 127 || isASCIIWord(r) && (r < '0' || r > '9')
		case r == '.':
			return !strings.HasSuffix(strings.ToLower(before), "www")
		case r == ' ':
			return !strings.HasSuffix(before, " ")
		}
		return r > 127 || isASCIIWord(r) || strings.ContainsRune(",:-()=", r)
	}
	return encoded(text, plain, func(r rune) string { return fmt.Sprintf("#%d;", r) })
}

// yamlText is a string in YAML, as the title of Mermaid is.
func yamlText(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(Escape(text)) + `"`
}
