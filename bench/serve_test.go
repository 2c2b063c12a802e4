//go:build linux

package bench

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"nkeep/jwtstore"
)

// BenchmarkServeMemory reports the memory that vending 100,000 accounts of 1 KiB
// takes at most, after each of them was asked for.
func BenchmarkServeMemory(b *testing.B) {
	nkeep, dir := build(b, "nkeep"), store(b, "-bare", "-described", "200", "-accounts", strconv.Itoa(10*count))
	keys := accountKeys(b, dir)
	for b.Loop() {
		c := exec.Command(nkeep, "-H", dir, "serve", "--listen", "127.0.0.1:0", "--json")
		out, err := c.StdoutPipe()
		if err != nil {
			b.Fatal(err)
		}
		begun := time.Now()
		if err := c.Start(); err != nil {
			b.Fatal(err)
		}
		var started struct{ URL string }
		if err := json.NewDecoder(bufio.NewReader(out)).Decode(&started); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s-to-start")
		size := 0
		for _, key := range keys {
			size += fetched(b, started.URL+"/accounts/"+key)
		}
		b.ReportMetric(float64(size)/float64(len(keys)), "bytes/account")
		b.ReportMetric(peak(b, c.Process.Pid), "MiB")
		_ = c.Process.Signal(os.Interrupt)
		_ = c.Wait()
	}
}

func accountKeys(b *testing.B, dir string) []string {
	b.Helper()
	root, err := jwtstore.Open(dir, jwtstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	s, err := root.Operator("O")
	if err != nil {
		b.Fatal(err)
	}
	var keys []string
	for it, err := range s.ScanAccounts() {
		if err != nil || it.Err != nil {
			b.Fatal(err, it.Err)
		}
		keys = append(keys, it.Head.Subject)
	}
	return keys
}

func fetched(b *testing.B, url string) int {
	b.Helper()
	resp, err := http.Get(url)
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	n, err := io.Copy(io.Discard, resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.Fatal(resp.Status, err)
	}
	return int(n)
}

// peak is the most memory that a process has had, in MiB.
func peak(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		b.Fatal(err)
	}
	return float64(kib) / 1024
}
