package bench

import (
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// count is the size of the stores: that many accounts, or that many users in one account.
const count = 10000

// store grows one and returns its directory.
func store(b *testing.B, flag string) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "store")
	run(b, dir, build(b, "nkeep/bench/grow"), flag, strconv.Itoa(count), dir)
	return dir
}

// files are those below dir whose names end in one of the suffixes.
func files(b *testing.B, dir string, suffixes ...string) []string {
	b.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		for _, s := range suffixes {
			if strings.HasSuffix(path, s) && !e.IsDir() {
				found = append(found, path)
			}
		}
		return err
	})
	if err != nil || len(found) < count {
		b.Fatal(len(found), err)
	}
	return found
}

// againstReads reports a command against reading the same files, whole and one
// after the other, with nothing else done.
func againstReads(b *testing.B, flag string, suffixes []string, command ...string) {
	b.Helper()
	nkeep, dir := build(b, "nkeep"), store(b, flag)
	read := files(b, dir, suffixes...)
	var ours, plain []time.Duration
	for b.Loop() {
		ours = append(ours, run(b, dir, append([]string{nkeep, "-H", dir}, command...)...))
		began := time.Now()
		for _, f := range read {
			if _, err := os.ReadFile(f); err != nil {
				b.Fatal(err)
			}
		}
		plain = append(plain, time.Since(began))
	}
	b.ReportMetric(median(ours), "ms/run")
	b.ReportMetric(median(plain), "ms/reads")
	b.ReportMetric(median(ours)/median(plain), "x-reads")
}

// Listing reads every token of a kind once.

func BenchmarkListAccounts(b *testing.B) {
	againstReads(b, "-accounts", []string{".jwt"}, "list", "accounts")
}

func BenchmarkListUsers(b *testing.B) {
	againstReads(b, "-users", []string{".jwt"}, "list", "users", "-a", "USERS")
}
