//go:build unix

package safefile

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// childEnv makes the test binary a process of its own: its value names the job,
// the arguments follow on the command line.
const childEnv = "NKEEP_TEST_CHILD"

func TestMain(m *testing.M) {
	jobs := map[string]func(args []string) error{"append": childAppend, "die": childDie}
	job, ok := jobs[os.Getenv(childEnv)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := job(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t *testing.T, job string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append(os.Environ(), childEnv+"="+job)
	return c
}

// childAppend adds a letter to one file, rounds times.
func childAppend(args []string) error {
	rounds, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	d, err := At(args[0], Options{})
	if err != nil {
		return err
	}
	for range rounds {
		if err := appendTo(context.Background(), d, "n", args[2]); err != nil {
			return err
		}
	}
	return nil
}

func appendTo(ctx context.Context, d *Dir, name, text string) error {
	return Update(ctx, []*Dir{d}, func(tx *Tx) error {
		f, err := d.Read(name, 1<<20)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		tx.Put(Tokens, d, name, append(f.Data, text...))
		return nil
	})
}

// TestManyProcesses lets processes start in a directory that is not there yet
// and change one file: no change is lost and none is made twice.
func TestManyProcesses(t *testing.T) {
	t.Parallel()
	const processes, rounds = 20, 5
	path := filepath.Join(t.TempDir(), "not", "yet")
	var wg sync.WaitGroup
	for i := range processes {
		wg.Go(func() {
			out, err := child(t, "append", path, strconv.Itoa(rounds), string(rune('a'+i))).CombinedOutput()
			if err != nil {
				t.Errorf("process %d: %v: %s", i, err, out)
			}
		})
	}
	wg.Wait()
	got := tree(t, path)
	if len(got) != 1 {
		t.Errorf("left behind: %q", got)
	}
	for i := range processes {
		if n := strings.Count(got["n"], string(rune('a'+i))); n != rounds {
			t.Errorf("process %d: %d of %d changes survive", i, n, rounds)
		}
	}
}

// childDie runs the transaction of the fault tests and is killed ahead of step at.
func childDie(args []string) error {
	at, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	n := 0
	before := func(string, string) error {
		if n++; n == at {
			return kill()
		}
		return nil
	}
	a, err := At(args[0], Options{Before: before})
	if err != nil {
		return err
	}
	b, err := At(args[1], Options{Before: before})
	if err != nil {
		return err
	}
	return change(context.Background(), a, b)
}

// kill ends the process as kill -9 does; it returns only if that fails.
func kill() error {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		return err
	}
	select {}
}

// TestKilledAtEveryStep kills a real process ahead of every step in turn. Locks
// die with it, and whoever comes next finds all or nothing.
func TestKilledAtEveryStep(t *testing.T) {
	t.Parallel()
	before, after := states(t)
	for at := 1; ; at++ {
		w := newWorld(t)
		out, err := child(t, "die", w.a, w.b, strconv.Itoa(at)).CombinedOutput()
		if err == nil {
			if got := w.state(t); at < 20 || !maps.Equal(got, after) {
				t.Errorf("alive after %d steps, found %v", at-1, got)
			}
			return
		}
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatalf("step %d: %v: %s", at, err, out)
		}
		noTornFile(t, w)
		must(t, w.recover(t, &faults{}))
		if got := w.state(t); !maps.Equal(got, before) && !maps.Equal(got, after) {
			t.Fatalf("killed ahead of step %d: found %v", at, got)
		}
		must(t, w.update(t, &faults{}))
		if got := w.state(t); !maps.Equal(got, after) {
			t.Fatalf("repeated after step %d: found %v", at, got)
		}
	}
}
