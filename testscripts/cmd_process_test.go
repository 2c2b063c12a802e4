package testscripts

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"

	"nkeep/internal/testrun"

	"github.com/rogpeppe/go-internal/testscript"
)

// companion is a program that runs beside a script, which reads what it says.
type companion struct {
	cmd    *exec.Cmd
	done   chan struct{} // closed once it has ended
	stdout testrun.Spoken
	stderr testrun.Spoken
}

// cmdBegin starts a program beside the script, under a name.
//
//	begin listener nkeep tool sub orders.>
func cmdBegin(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: begin NAME program [args...]")
	}
	c := &companion{done: make(chan struct{}), cmd: exec.Command(args[1], args[2:]...)}
	c.cmd.Dir, c.cmd.Stdout, c.cmd.Stderr = ts.MkAbs("."), &c.stdout, &c.stderr
	for _, name := range []string{"HOME", "USERPROFILE", "PATH", "TZ", "WORK", "TMPDIR", "SYSTEMROOT", "GORACE", "XDG_CONFIG_HOME", "XDG_DATA_HOME"} {
		if value := ts.Getenv(name); value != "" {
			c.cmd.Env = append(c.cmd.Env, name+"="+value)
		}
	}
	ts.Check(c.cmd.Start())
	go func() {
		_ = c.cmd.Wait()
		close(c.done)
	}()
	ts.Defer(func() {
		_ = c.cmd.Process.Kill()
		<-c.done
	})
	sessionOf(ts).companions[args[0]] = c
}

func companionOf(ts *testscript.TestScript, name string) *companion {
	c := sessionOf(ts).companions[name]
	if c == nil {
		ts.Fatalf("%s: has not begun", name)
	}
	return c
}

// cmdSays waits until a program has said on stderr, or with -stdout there, what
// matches; the first group, or all, goes into the variable SAID.
//
//	says listener 'subscribed to'
func cmdSays(ts *testscript.TestScript, neg bool, args []string) {
	out := len(args) > 0 && args[0] == "-stdout"
	if out {
		args = args[1:]
	}
	if neg || len(args) != 2 {
		ts.Fatalf("usage: says [-stdout] NAME regexp")
	}
	c := companionOf(ts, args[0])
	said := &c.stderr
	if out {
		said = &c.stdout
	}
	re, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	var match []string
	if !poll(func() bool { match = re.FindStringSubmatch(said.String()); return match != nil }) {
		ts.Fatalf("no match for %q in what %s said:\n%s", args[1], args[0], said.String())
	}
	ts.Setenv("SAID", match[len(match)-1])
}

// cmdInterrupt does to a program what Ctrl-C does.
func cmdInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: interrupt NAME")
	}
	ts.Check(companionOf(ts, args[0]).cmd.Process.Signal(os.Interrupt))
}

// cmdEnds waits until a program ends, with the given exit code, and prints what
// it has printed.
//
//	ends listener 130
func cmdEnds(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ends NAME CODE")
	}
	c := companionOf(ts, args[0])
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	ended := poll(func() bool {
		select {
		case <-c.done:
			return true
		default:
			return false
		}
	})
	if !ended {
		ts.Fatalf("%s: does not end; it said:\n%s", args[0], c.stderr.String())
	}
	if got := c.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("%s: exit code is %d, not %d:\n%s", args[0], got, want, c.stderr.String())
	}
	fmt.Fprint(ts.Stdout(), c.stdout.String())
	fmt.Fprint(ts.Stderr(), c.stderr.String())
}
