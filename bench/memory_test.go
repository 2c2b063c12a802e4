//go:build linux

package bench

import (
	"os/exec"
	"strconv"
	"syscall"
	"testing"
)

// BenchmarkListMemory reports the memory that listing 100,000 users takes at most.
func BenchmarkListMemory(b *testing.B) {
	nkeep, dir := build(b, "nkeep"), store(b, "-bare", "-users", strconv.Itoa(10*count))
	for _, form := range []string{"--json=false", "--json"} {
		b.Run(form, func(b *testing.B) {
			var most int64
			for b.Loop() {
				c := exec.Command(nkeep, "-H", dir, "list", "users", "-a", "USERS", form)
				if err := c.Run(); err != nil {
					b.Fatal(err)
				}
				if usage, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
					most = max(most, usage.Maxrss)
				}
			}
			b.ReportMetric(float64(most)/1024, "MiB")
		})
	}
}
