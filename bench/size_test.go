package bench

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// count is the size of the stores: that many accounts, or that many users in one account.
const count = 10000

// store grows one and returns its directory.
func store(b *testing.B, flags ...string) string {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "store")
	run(b, dir, slices.Concat([]string{build(b, "nkeep/bench/grow")}, flags, []string{dir})...)
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
func againstReads(b *testing.B, grown string, suffixes []string, command ...string) {
	b.Helper()
	nkeep, dir := build(b, "nkeep"), store(b, grown, strconv.Itoa(count))
	read := files(b, dir, suffixes...)
	var ours, plain, busy []time.Duration
	for b.Loop() {
		took, cpu := measure(b, dir, append([]string{nkeep, "-H", dir}, command...)...)
		ours, busy = append(ours, took), append(busy, cpu)
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
	b.ReportMetric(median(busy)/median(ours), "cores")
}

// Listing reads every token of a kind once.

func BenchmarkListAccounts(b *testing.B) {
	againstReads(b, "-accounts", []string{".jwt"}, "list", "accounts")
}

func BenchmarkListUsers(b *testing.B) {
	againstReads(b, "-users", []string{".jwt"}, "list", "users", "-a", "USERS")
}

// Expirations are in tokens and in creds.
func BenchmarkExpirations(b *testing.B) {
	againstReads(b, "-users", []string{".jwt", ".creds"}, "expirations")
}

// Every signature is checked, and keys and creds are looked at: "cores" is how
// many were kept busy.

func BenchmarkValidateAccounts(b *testing.B) {
	againstReads(b, "-accounts", []string{".jwt", ".nk"}, "validate", "-A")
}

func BenchmarkValidateUsers(b *testing.B) {
	againstReads(b, "-users", []string{".jwt", ".nk", ".creds"}, "validate", "-A")
}

func BenchmarkMemoryResolverConfig(b *testing.B) {
	againstReads(b, "-accounts", []string{".jwt"}, "generate", "config", "--mem-resolver")
}

// What concerns one entity takes as long in a large store as in a small one.

func BenchmarkDescribeAccountOf10000(b *testing.B) {
	startAt(b, "-accounts", "describe", "account", "A05000")
}

func BenchmarkDescribeUserOf10000(b *testing.B) {
	startAt(b, "-users", "describe", "user", "U05000")
}

func BenchmarkEnvAt10000(b *testing.B) { startAt(b, "-accounts", "env") }

func BenchmarkSelectAt10000(b *testing.B) {
	startAt(b, "-accounts", "select", "account", "A05000")
}

func BenchmarkCompleteAccountOf10000(b *testing.B) {
	startAt(b, "-accounts", "__complete", "describe", "account", "A050")
}

func BenchmarkCompleteUserOf10000(b *testing.B) {
	startAt(b, "-users", "__complete", "describe", "user", "U050")
}

func BenchmarkAddAccountTo10000(b *testing.B) {
	startAt(b, "-accounts", "add", "account", "N%d")
}

func BenchmarkAddUserTo10000(b *testing.B) {
	startAt(b, "-users", "add", "user", "-a", "USERS", "N%d")
}

// BenchmarkDescribeByKey finds one of 10,000 accounts by its public key, with an
// index that the first run has made.
func BenchmarkDescribeByKey(b *testing.B) {
	nkeep, dir := build(b, "nkeep"), store(b, "-accounts", strconv.Itoa(count))
	out, err := exec.Command(nkeep, "-H", dir, "describe", "account", "A05000", "-F", "sub").Output()
	if err != nil {
		b.Fatal(err)
	}
	startIn(b, nkeep, dir, "describe", "account", strings.Trim(string(out), "\"\n"))
}

func startAt(b *testing.B, grown string, command ...string) {
	b.Helper()
	startIn(b, build(b, "nkeep"), store(b, grown, strconv.Itoa(count)), command...)
}

// startIn reports a command against the start-up. %d in it is another number each time.
func startIn(b *testing.B, nkeep, dir string, command ...string) {
	b.Helper()
	var ours, start []time.Duration
	for i := 0; b.Loop(); i++ {
		args := []string{nkeep, "-H", dir}
		for _, arg := range command {
			args = append(args, strings.ReplaceAll(arg, "%d", strconv.Itoa(i)))
		}
		ours = append(ours, run(b, dir, args...))
		start = append(start, run(b, dir, nkeep, "--version"))
	}
	b.ReportMetric(median(ours), "ms/run")
	b.ReportMetric(median(start), "ms/start")
	b.ReportMetric(median(ours)/median(start), "x-start")
}

// BenchmarkAdd10000Users reports adding 10,000 users with keys and creds from a
// list against generating the keys and signing the tokens alone, with nkeys and
// jwt as they are and on one core. For minutes after many files were deleted,
// ext4 takes much longer to make new ones: the ratio grows with what it then does.
func BenchmarkAdd10000Users(b *testing.B) {
	nkeep, dir := build(b, "nkeep"), b.TempDir()
	run(b, dir, nkeep, "-H", dir, "init", "-n", "O")
	account, err := nkeys.CreateAccount()
	if err != nil {
		b.Fatal(err)
	}
	var ours, alone []time.Duration
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("A%d", i)
		run(b, dir, nkeep, "-H", dir, "add", "account", name)
		ours = append(ours, run(b, dir, nkeep, "-H", dir, "add", "user", "-a", name, "--from", names(b)))
		began := time.Now()
		for n := range count {
			signOne(b, account, fmt.Sprintf("U%05d", n))
		}
		alone = append(alone, time.Since(began))
	}
	b.ReportMetric(median(ours), "ms/run")
	b.ReportMetric(median(alone), "ms/alone")
	b.ReportMetric(median(ours)/median(alone), "x-alone")
}

// names is a file of names.
func names(b *testing.B) string {
	b.Helper()
	var list strings.Builder
	for n := range count {
		fmt.Fprintf(&list, "U%05d\n", n)
	}
	file := filepath.Join(b.TempDir(), "names.txt")
	if err := os.WriteFile(file, []byte(list.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return file
}

func signOne(b *testing.B, account nkeys.KeyPair, name string) {
	b.Helper()
	user, err := nkeys.CreateUser()
	if err != nil {
		b.Fatal(err)
	}
	public, err := user.PublicKey()
	if err != nil {
		b.Fatal(err)
	}
	c := jwt.NewUserClaims(public)
	c.Name = name
	if _, err := c.Encode(account); err != nil {
		b.Fatal(err)
	}
}
