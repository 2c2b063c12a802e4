package render

import (
	"slices"
	"strings"
)

// Advice is a text of ours that names commands, as those of nkeep. In results, as
// text and as JSON, they have the name that the program was called by, as they have
// in messages: they can be typed.
type Advice string

// Called is a text of ours with its commands as a program of that name takes them; no
// name is nkeep.
func Called(text, program string) string {
	if program == "" {
		return text
	}
	return strings.ReplaceAll(text, "nkeep ", program+" ")
}

// advised returns args with the commands in every [Advice] as the program is called.
func advised(args []any, program string) []any {
	args = slices.Clone(args)
	for i, arg := range args {
		if advice, ok := arg.(Advice); ok {
			args[i] = Called(string(advice), program)
		}
	}
	return args
}
