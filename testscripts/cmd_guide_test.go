package testscripts

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdGuide runs the commands of a guide that match, word for word as it shows them.
//
//	guide account-server.md 'add user serve'
func cmdGuide(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: guide FILE regexp")
	}
	text, err := os.ReadFile(filepath.Join("..", "docs", args[0]))
	ts.Check(err)
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	ran := 0
	for _, command := range shownIn(string(text)) {
		if re.MatchString(command) {
			ran++
			ts.Check(ts.Exec("sh", "-c", command))
		}
	}
	if ran == 0 {
		ts.Fatalf("%s: shows no command that matches %q", args[0], args[1])
	}
}

// shownIn are the commands in the blocks of a guide that begin with sh.
func shownIn(text string) (commands []string) {
	inBlock := false
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		if strings.HasPrefix(line, "```") {
			inBlock = strings.TrimSpace(line) == "```sh"
		} else if inBlock {
			commands = append(commands, line)
		}
	}
	return commands
}
