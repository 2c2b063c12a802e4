//go:build unix

package faults

import (
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

// updated is what a server says that takes the account of a request.
func updated(t *testing.T, m *nats.Msg, server string) string {
	t.Helper()
	c, err := jwt.DecodeAccountClaims(string(m.Data))
	if err != nil {
		t.Errorf("was sent %q: %v", m.Data, err)
		return ""
	}
	return fmt.Sprintf(`{"server":{"id":%q,"name":%q},"data":{"account":%q,"code":200,"message":"jwt updated"}}`, server, server, c.Subject)
}

// without end goes on for as long as anybody may wait.
func withoutEnd(m *nats.Msg, text func(i int) string) {
	end := time.Now().Add(mostTime / 2)
	for i := 0; time.Now().Before(end); i++ {
		if m.Respond([]byte(text(i))) != nil {
			return
		}
	}
}

// TestHostileServersPushedTo pushes to servers that answer anything but what they are
// asked.
func TestHostileServersPushedTo(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 1<<20)
	for name, c := range map[string]struct {
		fails bool
		spoil func(t *testing.T, l liar)
	}{
		"honest":     {false, func(*testing.T, liar) {}},
		"silence":    {true, func(_ *testing.T, l liar) { delete(l, "UPDATE") }},
		"html":       {true, func(_ *testing.T, l liar) { l["UPDATE"] = says("<html>\x1b[2J") }},
		"deep":       {true, func(_ *testing.T, l liar) { l["UPDATE"] = says(strings.Repeat("[", 500_000)) }},
		"no objects": {true, func(_ *testing.T, l liar) { l["UPDATE"] = says("[1,2,3]") }},
		"another account": {true, func(_ *testing.T, l liar) {
			l["UPDATE"] = says(`{"server":{"id":"S1","name":"s1"},"data":{"account":"A","code":200}}`)
		}},
		"escape sequences": {true, func(_ *testing.T, l liar) {
			l["UPDATE"] = says(`{"server":{"id":"S1","name":"\u001b[2Js1"},"error":{"code":500,"description":"\u001b[2Jno"}}`)
		}},
		"one server a thousand times": {false, func(_ *testing.T, l liar) {
			for subject, answer := range l {
				l[subject] = func(m *nats.Msg) {
					for range 1000 {
						answer(m)
					}
				}
			}
		}},
		"megabytes without end": {true, func(_ *testing.T, l liar) {
			l["UPDATE"] = func(m *nats.Msg) { withoutEnd(m, func(int) string { return large }) }
		}},
		"servers without end": {true, func(t *testing.T, l liar) {
			t.Helper()
			l["UPDATE"] = func(m *nats.Msg) {
				withoutEnd(m, func(i int) string { return updated(t, m, fmt.Sprintf("X%d", i)) })
			}
		}},
		"a roll without end": {true, func(_ *testing.T, l liar) {
			l["STATSZ"] = func(m *nats.Msg) {
				withoutEnd(m, func(i int) string {
					return fmt.Sprintf(`{"server":{"id":"S%d","name":"s%d"},"statsz":{"active_servers":2000000000}}`, i, i)
				})
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, l := newVictim(t), newLiar()
			l["UPDATE"] = func(m *nats.Msg) { _ = m.Respond([]byte(updated(t, m, "S1"))) }
			c.spoil(t, l)
			r := v.endure(t, "push -A --verify=false --json -u "+l.start(t))
			if (r.code != 0) != c.fails {
				t.Errorf("exit code is %d: %.3000s", r.code, r)
			}
			if n := strings.Count(r.stdout, `"event":"result"`); r.code == 0 && n != 3 {
				t.Errorf("%d results of 3 accounts: %s", n, r)
			}
		})
	}
}

// TestHostileListsOfAccounts pulls from servers whose lists are long, or many.
func TestHostileListsOfAccounts(t *testing.T) {
	t.Parallel()
	const most = 12_000 // as many as a message holds
	list := listOf(t, 0, most)
	server := func(i int) string { return fmt.Sprintf(`{"server":{"id":"S%d","name":"s%d"},`, i, i) }
	for name, spoil := range map[string]func(l liar){
		"a thousand times": func(l liar) {
			l["LIST"] = func(m *nats.Msg) {
				for range 1000 {
					_ = m.Respond([]byte(server(1) + list))
				}
			}
		},
		"without end": func(l liar) {
			l["LIST"] = func(m *nats.Msg) { withoutEnd(m, func(i int) string { return server(i) + list }) }
		},
		"of forty servers": func(l liar) {
			everybody := func(text string) func(m *nats.Msg) {
				return func(m *nats.Msg) {
					for i := range 40 {
						_ = m.Respond([]byte(server(i) + text))
					}
				}
			}
			l["STATSZ"], l["VARZ"], l["LIST"] = everybody(`"statsz":{"active_servers":40}}`), everybody(`"data":{}}`), everybody(list)
		},
		"of forty servers that differ": func(l liar) {
			var lists []string
			for i := range 40 {
				lists = append(lists, server(i)+listOf(t, i*most, most))
			}
			l["STATSZ"] = func(m *nats.Msg) {
				for i := range 40 {
					_ = m.Respond([]byte(server(i) + `"statsz":{"active_servers":40}}`))
				}
			}
			l["LIST"] = func(m *nats.Msg) {
				for i := range 40 {
					_ = m.Respond([]byte(lists[i]))
				}
			}
		},
		"and nothing behind them": func(l liar) {
			l["STATSZ"] = func(m *nats.Msg) {
				for i := range 2 {
					_ = m.Respond([]byte(server(i) + `"statsz":{"active_servers":2}}`))
				}
			}
			l["LIST"], l["LOOKUP"] = says(server(1)+list), func(*nats.Msg) {}
		},
		"of nonsense": func(l liar) {
			l["LIST"] = says(server(1) + `"data":["` + strings.Repeat(`","`, 300_000) + `"]}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, l := newVictim(t), newLiar()
			spoil(l)
			v.endure(t, "pull -A -u "+l.start(t))
		})
	}
}

// listOf is a list of accounts that nobody has, each of which has a number.
func listOf(t *testing.T, from, count int) string {
	t.Helper()
	ids := make([]string, count)
	for i := range ids {
		raw := make([]byte, 32)
		binary.BigEndian.PutUint64(raw, uint64(from+i))
		public, err := nkeys.Encode(nkeys.PrefixByteAccount, raw)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = string(public)
	}
	return `"data":["` + strings.Join(ids, `","`) + `"]}`
}

// TestHostileAccountServersAtLength has so much to push and to pull that a timeout
// for each account would take minutes.
func TestHostileAccountServersAtLength(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
		"drip": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for r.Context().Err() == nil {
				<-tick.C
				_, _ = io.WriteString(w, "x")
				_ = http.NewResponseController(w).Flush()
			}
		},
		"huge":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20-1)) },
		"endless": endless,
		"bomb": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for r.Context().Err() == nil {
				if _, err := z.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		},
		"page": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>Sign in</html>") },
		"redirect to itself": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		},
		"redirect to a file": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusTemporaryRedirect)
		},
		"busy": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			var names strings.Builder
			for i := range 300 {
				fmt.Fprintf(&names, "N%d\n", i)
			}
			if err := os.WriteFile(filepath.Join(v.dir, "names"), []byte(names.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			v.must(t, "add account --from $HOME/names")
			s := httptest.NewServer(answer)
			t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
			for _, line := range []string{"push -A -u ", "pull -A -u "} {
				if r := v.endure(t, line+s.URL+"/jwt/v1"); r.code == 0 && name != "huge" { // an account server may answer at length
					t.Errorf("nkeep %s: %.3000s", line, r)
				}
			}
		})
	}
}
