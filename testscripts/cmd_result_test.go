package testscripts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdExits runs a program that must end with the given exit code:
//
//	exits 3 nkeep describe account NONE
func cmdExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit code is %d, not %d", got, want)
	}
}

// cmdStdoutToEnv sets a variable to what the first group of a regular
// expression finds in stdout; all of the match if there is no group.
//
//	stdout2env KEY 'public key +(\S+)'
func cmdStdoutToEnv(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: stdout2env NAME regexp")
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	m := re.FindStringSubmatch(ts.ReadFile("stdout"))
	if m == nil {
		ts.Fatalf("no match for %q in stdout", args[1])
	}
	ts.Setenv(args[0], m[len(m)-1])
}

// cmdJSONField checks a value in JSON on stdout (or stderr), or sets a variable
// to it. The path is made of member names and indices; a string is compared as
// it is, anything else in JSON.
//
//	jsonfield entities.0.name ORDERS
//	jsonfield entities.0.public_key =KEY
//	! jsonfield error
func cmdJSONField(ts *testscript.TestScript, neg bool, args []string) {
	file := "stdout"
	if len(args) > 0 && args[0] == "-stderr" {
		file, args = "stderr", args[1:]
	}
	if len(args) == 0 || neg != (len(args) == 1) {
		ts.Fatalf("usage: jsonfield [-stderr] path (value | =NAME), or: ! jsonfield [-stderr] path")
	}
	text := strings.TrimSpace(ts.ReadFile(file))
	if file == "stderr" { // notes may stand above the error
		text = text[strings.LastIndex(text, "\n")+1:]
	}
	doc, err := document(text)
	if err != nil {
		ts.Fatalf("%s is not JSON: %v", file, err)
	}
	value, err := lookup(doc, args[0])
	if neg {
		if err == nil {
			ts.Fatalf("%s: is there: %s", args[0], value)
		}
		return
	}
	ts.Check(err)
	if name, ok := strings.CutPrefix(args[1], "="); ok {
		ts.Setenv(name, value)
	} else if value != args[1] {
		ts.Fatalf("%s: is %s, not %s", args[0], value, args[1])
	}
}

// document is a JSON document, or the array of several.
func document(text string) (any, error) {
	var docs []any
	for d := json.NewDecoder(strings.NewReader(text)); ; {
		var doc any
		err := d.Decode(&doc)
		switch {
		case errors.Is(err, io.EOF) && len(docs) == 1:
			return docs[0], nil
		case errors.Is(err, io.EOF) && len(docs) > 1:
			return docs, nil
		case err != nil:
			return nil, err
		}
		docs = append(docs, doc)
	}
}

func lookup(doc any, path string) (string, error) {
	for step := range strings.SplitSeq(path, ".") {
		ok := false
		switch v := doc.(type) {
		case map[string]any:
			doc, ok = v[step]
		case []any:
			i, err := strconv.Atoi(step)
			if ok = err == nil && i < len(v); ok {
				doc = v[i]
			}
		}
		if !ok {
			return "", fmt.Errorf("%s: there is no %q", path, step)
		}
	}
	if s, ok := doc.(string); ok {
		return s, nil
	}
	data, err := json.Marshal(doc)
	return string(data), err
}
