// Package cmd is the command line: the cobra tree, its flags, the selection of
// operator and account, and exit codes. Each leaf command has a file of its
// own, named as it is typed, which reads top to bottom: read, decide, write,
// show. What claims mean, where files lie, how servers are spoken to and how
// results look is the business of the packages below.
package cmd

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"time"

	"nkeep/jwtstore"
	"nkeep/keystore"
	"nkeep/render"
	"nkeep/resolver"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Env is everything that a run takes from the world around it.
type Env struct {
	Name           string // of the program as it was called: nkeep, or nsc
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	LookupEnv      func(string) (string, bool)
	Environ        func() []string // all variables, NAME=value; nil for none
	Dir            string          // working directory
	Now            func() time.Time
	Rand           io.Reader        // of new keys
	Files          jwtstore.Options // reach the layer that changes files: tests make it fail
}

// Main runs the command line of the process and returns its exit code.
func Main() int { return Process(rand.Reader) }

// Process is [Main] with a randomness that new keys are made of.
func Process(random io.Reader) int {
	harden()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(200) // a run is short, and has more use for time than for memory
	}
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	ctx, stop := untilSignal(context.Background())
	defer stop()
	return Run(ctx, Env{
		Name:  filepath.Base(os.Args[0]),
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Environ: os.Environ, Dir: dir, Now: time.Now, Rand: random,
	}, os.Args[1:])
}

// Run runs one command line and returns its exit code; see [exitCode].
func Run(ctx context.Context, env Env, args []string) int {
	a := &app{env: env, typed: args}
	defer a.close()
	root := newRoot(a)
	root.SetArgs(completable(args))
	root.SetIn(env.Stdin)
	words := bufio.NewWriter(env.Stdout) // help, and completions, which cobra writes one by one
	root.SetOut(redactor{words})
	root.SetErr(redactor{env.Stderr})
	err := root.ExecuteContext(ctx)
	if unwritten := words.Flush(); err == nil && unwritten != nil {
		err, a.begun = fmt.Errorf("write result: %w", unwritten), true
	}
	if err == nil {
		return exitOK
	}
	if a.out == nil { // the flags could not be parsed: --json counts all the same
		a.flags.json = slices.Contains(args, "--json") || slices.Contains(args, "-J")
		a.openPrinter()
	}
	if !a.begun {
		err = usageError{err}
	}
	if errors.Is(err, context.Canceled) {
		err = interruptedError{context.Cause(ctx)}
	}
	err = hintDisk(err)
	code := exitCode(err)
	a.out.Fail(errors.New(keystore.Redact(err.Error())), keystore.Redact(hintOf(err)), code)
	return code
}

// app is one run: what it gets from outside, and the flags that every command has.
type app struct {
	env   Env
	flags globalFlags
	out   *render.Printer
	typed []string // the command line
	begun bool     // the command line was understood

	opened []jwtstore.Participant // to be closed at the end

	stdinFor string         // what standard input is read for, if anything
	given    map[string]key // that came through standard input or a descriptor
	standing standing
	pushes   pushAfter // of commands that change accounts

	certificates resolver.TLS // of commands that go to servers by the way

	asks      asker                // the terminal, once something was asked
	askedFor  string               // the flag whose seed was typed among the answers
	checkArgs cobra.PositionalArgs // what was put off until after the questions
}

func (a *app) getenv(name string) string {
	value, _ := a.env.LookupEnv(name)
	return value
}

func (a *app) isSet(name string) bool {
	_, ok := a.env.LookupEnv(name)
	return ok
}

func (a *app) openPrinter() {
	width, errTerminal := terminalWidth(a.env.Stdout), terminalWidth(a.env.Stderr) > 0
	a.out = render.New(a.env.Stdout, redactor{a.env.Stderr}, render.Options{
		Program: programName(a.env.Name), JSON: a.flags.json, Quiet: a.flags.quiet, LongIDs: a.flags.longIDs,
		Color: width > 0 && !a.isSet("NO_COLOR"), Width: width, ErrTerminal: errTerminal,
	})
}

// terminalWidth is 0 when w is not a terminal.
func terminalWidth(w io.Writer) int {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil || width <= 0 {
		return 80
	}
	return width
}
