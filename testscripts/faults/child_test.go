//go:build unix

package faults

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"nkeep/cmd"
	"nkeep/jwtstore"
)

// childEnv makes the test binary an nkeep of its own; its value says what is
// special about it.
const childEnv = "NKEEP_FAULTS_CHILD"

// TestMain is nkeep in a process that a test has started.
func TestMain(m *testing.M) {
	kind, value, _ := strings.Cut(os.Getenv(childEnv), "=")
	switch kind {
	case "":
		debug.SetGCPercent(400) // thousands of short runs leave little worth keeping

		waiting := strconv.Itoa(2 * runtime.GOMAXPROCS(0)) // many tests wait for servers, and leave processors idle
		if err := flag.Set("test.parallel", waiting); err != nil {
			panic(err)
		}
		os.Exit(m.Run())
	case "die":
		os.Exit(mainDying(value))
	case "measured":
		os.Exit(mainMeasured(value))
	default:
		if err := prepare(kind, value); err != nil {
			_, _ = os.Stderr.WriteString(notHere + err.Error())
			os.Exit(exitNotHere)
		}
		os.Exit(cmd.Main())
	}
}

// A child that the system does not allow to be what it should be ends with this
// code and message.
const (
	exitNotHere = 77
	notHere     = "cannot be tried here: "
)

// mainMeasured is an nkeep that writes into a file how much memory it had at most,
// where the system tells. What a parent is told of its children begins with itself.
func mainMeasured(file string) int {
	code := cmd.Main()
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if err := os.WriteFile(file, status, 0o600); err != nil {
			return exitNotHere
		}
	}
	return code
}

// mainDying is an nkeep that is killed ahead of the given step.
func mainDying(step string) int {
	at, err := strconv.Atoi(step)
	if err != nil {
		return 1
	}
	n := 0
	before := func(string, string) error {
		if n++; n == at {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				return err
			}
			select {}
		}
		return nil
	}
	return cmd.Run(context.Background(), cmd.Env{
		Name: "nkeep", Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		LookupEnv: os.LookupEnv, Dir: os.Getenv("HOME"), Now: time.Now, Rand: randomness(strings.Join(os.Args[1:], " ")),
		Files: jwtstore.Options{Before: before},
	}, os.Args[1:])
}

// child is a command line as a process of its own.
func (h *home) child(t *testing.T, kind, line string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, strings.Fields(strings.ReplaceAll(line, "$HOME", h.dir))...)
	c.Dir = h.dir
	c.Env = []string{"HOME=" + h.dir, "PATH=" + os.Getenv("PATH"), "GORACE=atexit_sleep_ms=0", childEnv + "=" + kind}
	return c
}

// runChild waits for a command line that runs as a process of its own.
func (h *home) runChild(t *testing.T, kind, line string) result {
	t.Helper()
	return finish(t, h.child(t, kind, line))
}

func finish(t *testing.T, c *exec.Cmd) result {
	t.Helper()
	var out, err strings.Builder
	c.Stdout, c.Stderr = &out, &err
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	r := result{c.ProcessState.ExitCode(), out.String(), err.String()}
	if r.code == exitNotHere && strings.HasPrefix(r.stderr, notHere) {
		t.Skip(r.stderr)
	}
	return r
}

// TestKilledAtEveryStep kills real processes at the moments at which other
// tests suppose that they die, and finds on the disk what these suppose.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	for name, c := range changes() {
		if !c.deep {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := c.start(t)
			old := h.look(t)
			var supposed []string
			if r := h.run(func(string, string) error { supposed = append(supposed, h.look(t).shape()); return nil }, c.line); r.code != 0 {
				t.Fatal(r)
			}
			for i, want := range supposed {
				h.restore(t, old)
				if r := h.runChild(t, "die="+strconv.Itoa(i+1), c.line); r.code != -1 {
					t.Fatalf("step %d: is alive: %s", i+1, r)
				}
				if got := h.look(t).shape(); got != want {
					t.Fatalf("killed ahead of step %d: found\n%s\nwant\n%s", i+1, got, want)
				}
			}
			h.must(t, c.next())
			h.must(t, "edit operator --tag last")
			h.verify(t, c.loose)
		})
	}
}

// shape is what lies on a disk without what the time is part of.
func (d disk) shape() string {
	var b strings.Builder
	for _, name := range d.names() {
		if path.Base(name) == "lock" {
			continue
		}
		b.WriteString(name + " " + d[name].mode.String() + " " + strconv.Itoa(len(d[name].data)) + "\n")
	}
	return b.String()
}
