package cmd

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

var combinationSeed = flag.Uint64("combinations", 0, "repeat the combinations of flags with this seed") //nolint:gochecknoglobals // a test flag

const (
	combinations = 2000
	longest      = 500 * time.Millisecond // after that a command is interrupted, as servers and subscribers must be
	stubborn     = 20 * time.Second
)

// TestAnyCommandLine runs every command, with flags and arguments by chance, some of
// which fit and some of which nobody should give. Whatever comes of it, it ends, with
// an exit code that is documented, shows no seed where none belongs, prints JSON
// where that was asked for, and leaves everything as it was when it fails.
func TestAnyCommandLine(t *testing.T) {
	t.Parallel()
	seed := *combinationSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("repeat with: go test ./cmd -run TestAnyCommandLine -combinations %d", seed)
	base := newPlayground(t)
	base.populate()
	was := look(t, base.dir)
	lines := make(chan *commandLine)
	codes := &codeCount{seen: map[int]int{}}
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 4) {
		p := newPlayground(t)
		p.values = base.values
		p.restore(was)
		wg.Go(func() {
			for line := range lines {
				code := p.try(line, was)
				codes.Lock()
				codes.seen[code]++
				codes.Unlock()
			}
		})
	}
	targets := everyCommand(tree())
	for i := range uint64(combinations) {
		line := &commandLine{Rand: rand.New(rand.NewPCG(seed, i)), values: base.values}
		line.compose(targets[int(i)%len(targets)], i%2 == 0)
		lines <- line
	}
	close(lines)
	wg.Wait()
	t.Logf("exit codes: %v", codes.seen)
	if !t.Failed() && codes.seen[exitOK] < combinations/8 {
		t.Error("hardly any command line succeeds: the values do not fit the commands any more")
	}
}

// codeCount counts exit codes.
type codeCount struct {
	sync.Mutex
	seen map[int]int
}

// everyCommand is every command that does something, hidden ones included.
func everyCommand(c *cobra.Command) []*cobra.Command {
	var all []*cobra.Command
	if c.Runnable() {
		all = append(all, c)
	}
	for _, sub := range c.Commands() {
		all = append(all, everyCommand(sub)...)
	}
	return all
}

// try runs a command line and judges what came of it.
func (p *playground) try(line *commandLine, was snapshot) int {
	r := p.run(line)
	now := look(p.T, p.dir)
	complain := func(format string, args ...any) {
		p.Errorf("nkeep %q: %s\nexit code %d\nstdout: %.2000s\nstderr: %.2000s", line.args, fmt.Sprintf(format, args...), r.code, r.stdout, r.stderr)
	}
	if r.panicked != "" {
		complain("panics: %s", r.panicked)
	}
	if !slices.Contains([]int{exitOK, exitFailed, exitUsage, exitNotFound, exitExists, exitChecks, exitInterrupted}, r.code) {
		complain("the exit code is none")
	}
	for _, secret := range p.values.seeds {
		if shows(r.stderr, secret) {
			complain("shows a seed")
		}
	}
	if line.json {
		if problem := line.checkJSON(r); problem != "" {
			complain("%s", problem)
		}
	} else if says := strings.Contains("\n"+r.stderr, "\nnkeep: "); says == (r.code == exitOK) {
		complain("the exit code and the message disagree")
	}
	if d := was.diff(now); d != "" {
		if r.code != exitOK && !line.mayLeave(r.code) {
			complain("fails, and leaves:\n%s", d)
		}
		p.restore(was)
	}
	return r.code
}

// mayLeave reports whether the command did part of its work and said so, or ran
// until it was interrupted.
func (l *commandLine) mayLeave(code int) bool {
	switch l.path {
	case "up":
		return true // a server has run
	case "doctor", "fix", "pull":
		return code == exitChecks
	}
	return code == exitInterrupted
}

// checkJSON says what is wrong with the output under --json.
func (l *commandLine) checkJSON(r outcome) string {
	if r.code == exitOK {
		if !l.plain && r.stdout != "" {
			for d := json.NewDecoder(strings.NewReader(r.stdout)); d.More(); {
				var doc any
				if err := d.Decode(&doc); err != nil {
					return "stdout is not JSON: " + err.Error()
				}
			}
		}
		return ""
	}
	text := strings.TrimSpace(r.stderr)
	var failure struct {
		Error string `json:"error"`
		Code  int    `json:"code"`
	}
	err := json.Unmarshal([]byte(text[strings.LastIndex(text, "\n")+1:]), &failure)
	switch {
	case err != nil:
		return "the last line of stderr is not JSON: " + err.Error()
	case failure.Code != r.code || failure.Error == "":
		return "the error does not tell its exit code"
	}
	return ""
}

// outcome is how a command line ended.
type outcome struct {
	code           int
	stdout, stderr string
	panicked       string
}

// run runs a command line, for as long as it may take.
func (p *playground) run(line *commandLine) outcome {
	ctx, cancel := context.WithCancel(p.Context())
	defer cancel()
	defer time.AfterFunc(longest, cancel).Stop()
	var stdout, stderr bytes.Buffer
	done := make(chan outcome, 1)
	go func() {
		var r outcome
		defer func() {
			if v := recover(); v != nil {
				r.panicked = fmt.Sprintf("%v\n%s", v, debug.Stack())
			}
			r.stdout, r.stderr = stdout.String(), stderr.String()
			done <- r
		}()
		r.code = Run(ctx, p.env(line, &stdout, &stderr), line.args)
	}()
	select {
	case r := <-done:
		return r
	case <-time.After(longest + stubborn):
		buf := make([]byte, 1<<20)
		panic(fmt.Sprintf("nkeep %q: does not end:\n%s", line.args, buf[:runtime.Stack(buf, true)]))
	}
}

// commandLine is a command line made by chance.
type commandLine struct {
	*rand.Rand
	values *values
	path   string
	args   []string
	json   bool // was asked for
	plain  bool // as was something else for stdout
}

// compose adds flags and arguments to a command: such as fit only, or any.
func (l *commandLine) compose(c *cobra.Command, fitting bool) {
	l.args = strings.Fields(c.CommandPath())[1:]
	l.path = strings.Join(l.args, " ")
	if l.json = l.IntN(2) == 0; l.json {
		l.args = append(l.args, "--json")
	}
	l.plain = c.HasSubCommands() || strings.HasPrefix(l.path, "completion") || strings.HasPrefix(l.path, "__complete")
	switch l.path { // on ports that nobody has
	case "up":
		l.args = append(l.args, "--check")
	case "serve":
		l.args = append(l.args, "--listen=127.0.0.1:0")
	}
	own, global := flagsOf(c)
	flags, words := []*pflag.Flag(nil), max(0, l.IntN(5)-2)
	if fitting {
		flags, words = l.example(c)
	}
	for range words {
		l.args = append(l.args, l.word(c.Name(), fitting))
	}
	for range l.IntN(4) {
		if l.IntN(10) == 0 {
			flags = append(flags, global[l.IntN(len(global))])
		} else {
			flags = append(flags, own[l.IntN(len(own))])
		}
	}
	for _, f := range flags {
		l.plain = l.plain || f.Name == "help" || f.Name == "version" || f.Name == "raw"
		switch {
		case f.NoOptDefVal != "" && l.IntN(4) > 0:
			l.args = append(l.args, "--"+f.Name)
		case f.NoOptDefVal == "" && f.Shorthand != "" && l.IntN(2) == 0:
			l.args = append(l.args, "-"+f.Shorthand, l.value(f, fitting))
		default:
			l.args = append(l.args, "--"+f.Name+"="+l.value(f, fitting))
		}
	}
}

// composed are the flags that compose decides about.
func composed() []string { return []string{"json", "check", "listen"} }

// flagsOf are a command's own flags and those of every command, but for those that
// [commandLine.compose] gives itself.
func flagsOf(c *cobra.Command) (own, global []*pflag.Flag) {
	add := func(to *[]*pflag.Flag) func(*pflag.Flag) {
		return func(f *pflag.Flag) {
			if !slices.Contains(composed(), f.Name) {
				*to = append(*to, f)
			}
		}
	}
	c.InitDefaultHelpFlag()
	c.LocalFlags().VisitAll(add(&own))
	c.InheritedFlags().VisitAll(add(&global))
	if len(global) == 0 {
		global = own
	}
	return own, global
}

// example is what one of a command's examples is made of: flags, and a number of
// arguments.
func (l *commandLine) example(c *cobra.Command) (flags []*pflag.Flag, words int) {
	calls := called(c.Example)
	if len(calls) == 0 {
		return nil, 0
	}
	args := calls[l.IntN(len(calls))]
	args = args[min(len(args), strings.Count(c.CommandPath(), " ")):]
	for i := 0; i < len(args); i++ {
		name, _, given := strings.Cut(strings.TrimLeft(args[i], "-"), "=")
		f := c.Flags().Lookup(name)
		if f == nil && len(name) == 1 {
			f = c.Flags().ShorthandLookup(name)
		}
		switch {
		case !strings.HasPrefix(args[i], "-"):
			words++
		case f != nil && !slices.Contains(composed(), f.Name):
			flags = append(flags, f)
		}
		if f != nil && f.NoOptDefVal == "" && !given {
			i++
		}
	}
	return flags, words
}
