package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
)

// values are what flags and arguments are made of.
type values struct {
	names, publics, seeds []string
	byName, byType        map[string][]string
	hostile               []string
}

// word is an argument.
func (l *commandLine) word(command string, fitting bool) string {
	if !fitting && l.IntN(5) == 0 {
		return l.pick(l.values.hostile)
	}
	if fit := l.values.byName[command]; len(fit) > 0 && l.IntN(3) > 0 {
		return l.pick(fit)
	}
	return l.pick(l.values.names)
}

// value is the value of a flag: by its name, by its type, or one that nobody should give.
func (l *commandLine) value(f *pflag.Flag, fitting bool) string {
	if !fitting && l.IntN(5) == 0 {
		return l.pick(l.values.hostile)
	}
	if fit := l.values.byName[f.Name]; len(fit) > 0 {
		return l.pick(fit)
	}
	if fit := l.values.byType[f.Value.Type()]; len(fit) > 0 {
		return l.pick(fit)
	}
	return l.pick(l.values.names)
}

func (l *commandLine) pick(from []string) string { return from[l.IntN(len(from))] }

func newValues(publics, seeds []string) *values {
	subjects := []string{"x.>", "p", "x.a", "new.*", ">", "*", "svc", "q.w"}
	files := []string{"out", "claims.jwt", "U.creds", "names.csv", "store/home", "nowhere/at/all"}
	urls := []string{"nats://127.0.0.1:1", "http://127.0.0.1:1/jwt/v1", "ws://127.0.0.1:1", "tls://127.0.0.1:1", "foo://x", "claims.jwt"}
	numbers := []string{"0", "1", "-1", "5", "1k", "1.5MiB", "1,000", "100"}
	names := []string{"O", "A", "B", "U", "V", "SYS", "r", "N1", "N2", "P", "pay"}
	keys := slices.Concat(publics, seeds, []string{"r", "generate", "U.nk"})
	by := func(of []string, flags string) map[string][]string {
		m := map[string][]string{}
		for name := range strings.FieldsSeq(flags) {
			m[name] = of
		}
		return m
	}
	v := &values{
		names: slices.Concat(names, publics[:3]), publics: publics, seeds: seeds,
		byName: map[string][]string{
			"all-dirs": {"store", "elsewhere"}, "config-dir": {"conf"}, "data-dir": {"store/home/.nsc/nats", "data"}, "keystore-dir": {"store/home/.nkeys", "ring"},
			"field": {"nats", "nats.exports[0]", "nats.exports[1]", "nats.exports[99]", "nats.limits.subs", "sub", "iss", "x.y"},
			"at":    {"0", "1700000000", "2030-01-01T00:00:00Z", "2020-01-01T00:00:00Z"}, "timeout": {"1", "1s", "10ms"},
			"time": {"08:00:00-18:00:00"}, "rm-time": {"08:00:00"}, "locale": {"UTC", "Europe/Berlin"}, "conn-type": {"mqtt", "STANDARD"},
			"source-network": {"10.0.0.0/8", "::1/128"}, "sampling": {"1", "100", "header"}, "response-type": {"Singleton", "Stream", "Chunked"},
			"weight": {"10", "100"}, "js-tier": {"0", "1", "3"}, "rm-js-tier": {"0", "3"}, "cluster": {"east", ""}, "tls-curves": {"P256", "X25519"},
			"listen": {"127.0.0.1:4222"}, "max-messages": {"1"}, "user": {"U", "V", "N1"}, "account": {"A", "B", "N1"}, "users": {"U", "V"}, "operator": {"O", "N1"}, "completion": {"bash", "zsh"}, "role": {"r", "r2"}, "nats": {"nats://127.0.0.1:1"}, "profile": {"nsc://O/A/U", "nsc://O/A?names&keys"},
		},
		byType: map[string][]string{
			"bool": {"true", "false"}, "number": numbers, "int": {"0", "1", "3", "-1"}, "uint8": {"0", "10"}, "count": {"1"},
			"time": {"0", "30d", "1y", "2030-01-31", "2030-01-31 15:04:05 UTC"}, "duration": {"1s", "10ms"},
		},
		hostile: slices.Concat([]string{
			"", " ", "-", "--", ".", "..", "../x", "a/b", `a\b`, "/dev/null", "/dev/zero", "~", "~/x", "\x1b[31mred", "a\nb", "\u202eb", "a\u200bb", "\xff\xfe",
			"%s%d%n", "{{name()}}", "{{", "$1", "*", ">", "a..b", ",", ",,a", "a,b,c", `"`, `"a`, "=", "#", "null", "[]", "fd:0", "fd:99", "fd:-1",
			"9223372036854775808", "-9223372036854775809", "1e309", "NaN", "0x10", "1h30m", "99999999999y", "-5", "4294967296",
			"http://", "://", "nats://", "http://127.0.0.1:1/%zz", "nsc://", "nsc://O?x=%", strings.Repeat("x", 300), strings.Repeat("a.", 200) + ">",
		}, publics, seeds),
	}
	for flags, of := range map[string][]string{
		"subject remote-subject local-subject from to latency trace-context-subject allow-pub allow-sub deny-pub deny-sub allow-pubsub deny-pubsub rm": subjects,
		"output-file config-file file token out in dir from-file creds operator-dir":                                                                   files,
		"url account-jwt-server-url service-url rm-service-url nats-url":                                                                               urls,
		"private-key public-key sk rm-sk curve rm-curve auth-user rm-auth-user":                                                                        keys,
		"export mapping import": subjects,
	} {
		maps.Copy(v.byName, by(of, flags))
	}
	return v
}

// playground is a directory with a home in it, in which commands run.
type playground struct {
	*testing.T
	dir    string
	values *values
}

func newPlayground(t *testing.T) *playground {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "nkeep-combinations-") //nolint:usetesting // in memory, where nothing has to be synced
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return &playground{T: t, dir: dir}
}

func (p *playground) work() string { return filepath.Join(p.dir, "in", "work") }

func (p *playground) env(line *commandLine, stdout, stderr io.Writer) Env {
	home := filepath.Join(p.work(), "store", "home")
	return Env{
		Name: "nkeep", Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr, Dir: p.work(), Now: time.Now,
		Rand: rand.NewChaCha8([32]byte{byte(line.Uint32()), byte(line.Uint32())}),
		LookupEnv: func(name string) (string, bool) {
			if name == "HOME" || name == "USERPROFILE" {
				return home, true
			}
			return "", false
		},
	}
}

// populate makes a small store that has something of everything.
func (p *playground) populate() {
	p.Helper()
	if err := os.MkdirAll(filepath.Join(p.work(), "store", "home"), 0o700); err != nil {
		p.Fatal(err)
	}
	for _, args := range []string{
		"add operator P", "add operator O --sys --generate-signing-key", "edit operator --service-url nats://127.0.0.1:1 -u http://127.0.0.1:1/jwt/v1",
		"add account A --tag t", "add export -s x.> -n x", "add export -s p --private", "add export -s svc --service -n pay",
		"add mapping -f m -t n", "edit signing-key --sk generate --role r --allow-sub x", "edit account A --sk generate",
		"add user U", "add user V -K r", "revocations add-user * --at 1500000000",
		"add account B", "add import --src-account A --remote-subject x.a", "add user U", "select account A",
		"generate creds -n U -o U.creds", "describe account A -R -o claims.jwt",
	} {
		p.succeed(strings.Fields(args))
	}
	if err := os.WriteFile(filepath.Join(p.work(), "names.csv"), []byte("name,tag\nn1,x\nn2,y\n"), 0o600); err != nil {
		p.Fatal(err)
	}
	var keys []struct{ Pub, Seed string }
	if err := json.Unmarshal(p.succeed(strings.Fields("list keys -A -S --json")), &keys); err != nil {
		p.Fatal(err)
	}
	var publics, seeds []string
	for _, k := range keys {
		publics, seeds = append(publics, k.Pub), append(seeds, k.Seed)
	}
	if err := os.WriteFile(filepath.Join(p.work(), "U.nk"), []byte(seeds[len(seeds)-1]), 0o600); err != nil {
		p.Fatal(err)
	}
	p.values = newValues(publics, seeds)
}

func (p *playground) succeed(args []string) []byte {
	p.Helper()
	var stdout, stderr bytes.Buffer
	line := &commandLine{Rand: rand.New(rand.NewPCG(1, uint64(len(strings.Join(args, " ")))))}
	if code := Run(p.Context(), p.env(line, &stdout, &stderr), args); code != exitOK {
		p.Fatalf("nkeep %q: exit code %d: %s", args, code, stderr.String())
	}
	return stdout.Bytes()
}

// snapshot is what lies in a directory: by path, the mode and what is in it, where
// $DIR stands for the directory.
type snapshot map[string]string

// look takes down what lies in a directory, but for what nkeep keeps for itself.
func look(t *testing.T, dir string) snapshot {
	t.Helper()
	s := snapshot{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		if e.Name() == ".nkeep" {
			return fs.SkipDir
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		var data []byte
		if info.Mode().IsRegular() {
			if data, err = os.ReadFile(path); err != nil {
				return err
			}
		}
		name, err := filepath.Rel(dir, path)
		s[name] = fmt.Sprintf("%o %s", info.Mode()&(fs.ModeDir|fs.ModePerm), strings.ReplaceAll(string(data), dir, "$DIR"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// diff tells two moments apart, empty when they are alike.
func (s snapshot) diff(next snapshot) string {
	var lines []string
	for name, was := range s {
		if is, ok := next[name]; !ok {
			lines = append(lines, "gone: "+name)
		} else if is != was {
			lines = append(lines, fmt.Sprintf("changed: %s: %q, was %q", name, is, was))
		}
	}
	for name := range next {
		if _, ok := s[name]; !ok {
			lines = append(lines, "new: "+name)
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// restore makes the directory what it was at that moment.
func (p *playground) restore(was snapshot) {
	p.Helper()
	if err := os.RemoveAll(filepath.Join(p.dir, "in")); err != nil {
		p.Fatal(err)
	}
	names := make([]string, 0, len(was))
	for name := range was {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		mode, data, _ := strings.Cut(was[name], " ")
		var bits fs.FileMode
		if _, err := fmt.Sscanf(mode, "%o", &bits); err != nil {
			p.Fatal(err)
		}
		path, err := filepath.Join(p.dir, name), error(nil)
		if bits.IsDir() {
			err = os.Mkdir(path, bits.Perm())
		} else {
			err = os.WriteFile(path, []byte(strings.ReplaceAll(data, "$DIR", p.dir)), bits.Perm())
		}
		if err != nil {
			p.Fatal(err)
		}
	}
}
