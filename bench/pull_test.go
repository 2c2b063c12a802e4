package bench

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"nkeep/internal/testports"

	"github.com/nats-io/nats.go"
)

// inFlight is how many requests the bare client has under way.
const inFlight = 256

// BenchmarkPull pulls 10,000 accounts into a store that has none of them, and in
// turns reads them from the same server with the least a NATS client can do;
// "x-bare" is how many times as long the pull takes. "x-write" is the same beside a
// client that also writes each account into a file and has the disk take it all.
func BenchmarkPull(b *testing.B) {
	nkeep, dir := build(b, "nkeep"), store(b, "-bare", "-accounts", strconv.Itoa(count))
	url := serveStore(b, nkeep, dir)
	accounts := filepath.Join(dir, "O", "accounts")
	creds := filepath.Join(dir, "creds", "O", "SYS", "sys.creds")
	var ours, read, written []time.Duration
	for b.Loop() {
		empty(b, accounts)
		began := time.Now()
		tokens := bareLookups(b, url, creds)
		read = append(read, time.Since(began))
		writeFiles(b, tokens)
		written = append(written, time.Since(began))
		if len(tokens) < count {
			b.Fatalf("%d accounts", len(tokens))
		}
		ours = append(ours, run(b, dir, nkeep, "-H", dir, "pull", "-A", "-u", url))
	}
	if n := len(files(b, accounts, ".jwt")); n < count {
		b.Fatalf("%d accounts", n)
	}
	b.ReportMetric(median(ours), "ms/pull")
	b.ReportMetric(median(read), "ms/bare")
	b.ReportMetric(median(ours)/median(read), "x-bare")
	b.ReportMetric(median(ours)/median(written), "x-write")
}

// serveStore runs a server that has all accounts of a store.
func serveStore(b *testing.B, nkeep, dir string) (url string) {
	b.Helper()
	for _, args := range [][]string{
		{"add", "account", "SYS"},
		{"add", "user", "sys", "-a", "SYS"},
		{"edit", "operator", "--system-account", "SYS"},
		{"generate", "config", "--nats-resolver", "--config-file", filepath.Join(dir, "server.conf")},
	} {
		run(b, dir, append([]string{nkeep, "-H", dir}, args...)...)
	}
	address := testports.Free(b, 1)[0]
	c := exec.Command(build(b, "github.com/nats-io/nats-server/v2"), "-c", filepath.Join(dir, "server.conf"), "-a", "127.0.0.1", "-p", strings.TrimPrefix(address, "127.0.0.1:"))
	c.Dir = b.TempDir()
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	url = "nats://" + address
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			_ = conn.Close()
			break
		}
		if time.Now().After(end) {
			b.Fatal("server does not listen")
		}
	}
	run(b, dir, nkeep, "-H", dir, "push", "-A", "-u", url)
	return url
}

// empty takes all accounts but the system account out of a store.
func empty(b *testing.B, accounts string) {
	b.Helper()
	entries, err := os.ReadDir(accounts)
	if err != nil {
		b.Fatal(err)
	}
	for _, e := range entries {
		if e.Name() != "SYS" {
			if err := os.RemoveAll(filepath.Join(accounts, e.Name())); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// bareLookups lists the accounts of a server and reads them, as fast as can be.
func bareLookups(b *testing.B, url, creds string) [][]byte {
	b.Helper()
	nc, err := nats.Connect(url, nats.UserCredentials(creds))
	if err != nil {
		b.Fatal(err)
	}
	defer nc.Close()
	msg, err := nc.Request("$SYS.REQ.CLAIMS.LIST", nil, 5*time.Second)
	if err != nil {
		b.Fatal(err)
	}
	var list struct{ Data []string }
	if err := json.Unmarshal(msg.Data, &list); err != nil {
		b.Fatal(err)
	}
	inbox := nats.NewInbox()
	replies := make(chan *nats.Msg, len(list.Data))
	if _, err := nc.ChanSubscribe(inbox, replies); err != nil {
		b.Fatal(err)
	}
	var tokens [][]byte
	for sent := 0; len(tokens) < len(list.Data); {
		for ; sent < len(list.Data) && sent-len(tokens) < inFlight; sent++ {
			if err := nc.PublishRequest("$SYS.REQ.ACCOUNT."+list.Data[sent]+".CLAIMS.LOOKUP", inbox, nil); err != nil {
				b.Fatal(err)
			}
		}
		tokens = append(tokens, (<-replies).Data)
	}
	return tokens
}

// writeFiles writes each token into a directory of its own, and syncs them all.
func writeFiles(b *testing.B, tokens [][]byte) {
	b.Helper()
	dir := b.TempDir()
	for i, token := range tokens {
		below := filepath.Join(dir, strconv.Itoa(i))
		if err := os.Mkdir(below, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(below, "a.jwt"), token, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	if msg, err := exec.Command("sync", "-f", dir).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, msg)
	}
}
