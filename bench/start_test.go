// Package bench compares whole processes with each other. The machine's speed
// cancels out, since both sides of a ratio are measured in turns in one run:
//
//	go test ./bench -run '^$' -bench . -benchtime 100x
package bench

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// build compiles a command of this module.
func build(b *testing.B, pkg string) string {
	b.Helper()
	out := filepath.Join(b.TempDir(), filepath.Base(pkg))
	if msg, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", pkg, err, msg)
	}
	return out
}

// run takes the time of one process.
func run(b *testing.B, home string, args ...string) time.Duration {
	b.Helper()
	took, _ := measure(b, home, args...)
	return took
}

// measure takes the time of one process, and how long it kept processors busy.
func measure(b *testing.B, home string, args ...string) (took, busy time.Duration) {
	b.Helper()
	c := exec.Command(args[0], args[1:]...)
	c.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	began := time.Now()
	if msg, err := c.CombinedOutput(); err != nil {
		b.Fatalf("%v: %v\n%s", args[1:], err, msg)
	}
	return time.Since(began), c.ProcessState.UserTime() + c.ProcessState.SystemTime()
}

func median(d []time.Duration) float64 {
	slices.Sort(d)
	return float64(d[len(d)/2]) / float64(time.Millisecond)
}

// BenchmarkStart reports the start-up against that of a bare binary.
func BenchmarkStart(b *testing.B) {
	nkeep, bare := build(b, "nkeep"), build(b, "nkeep/bench/bare")
	home := b.TempDir()
	var ours, theirs []time.Duration
	for b.Loop() {
		ours = append(ours, run(b, home, nkeep, "--version"))
		theirs = append(theirs, run(b, home, bare, "--version"))
	}
	b.ReportMetric(median(ours), "ms/start")
	b.ReportMetric(median(theirs), "ms/bare")
	b.ReportMetric(median(ours)/median(theirs), "x-bare")
}

// BenchmarkAddUser reports adding a user, which writes three files durably,
// against the start-up.
func BenchmarkAddUser(b *testing.B) { againstStart(b, "add", "user") }

// BenchmarkAddAccount reports adding an account against the start-up.
func BenchmarkAddAccount(b *testing.B) { againstStart(b, "add", "account") }

// BenchmarkEditOperator reports an edit, each of which changes something, against the start-up.
func BenchmarkEditOperator(b *testing.B) { againstStart(b, "edit", "operator", "--tag") }

func againstStart(b *testing.B, command ...string) {
	b.Helper()
	nkeep, dir := build(b, "nkeep"), b.TempDir()
	run(b, dir, nkeep, "-H", dir, "init", "-n", "bench")
	startIn(b, nkeep, dir, append(command, "n%d")...)
}
