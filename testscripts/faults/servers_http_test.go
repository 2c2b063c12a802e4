//go:build unix

package faults

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestHostileAccountServers pulls from account servers that answer anything but
// what was asked for.
func TestHostileAccountServers(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("was led to another host") }))
	t.Cleanup(elsewhere.Close)
	answers := map[string]http.HandlerFunc{
		"redirect to another host": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, http.StatusFound) },
		"redirect to a file": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		},
		"redirect to itself": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) },
		"refusal":            func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "\x1b[2Jno", http.StatusForbidden) },
		"endless":            endless,
		"endless status": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			endless(w, r)
		},
		"compressed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 64 {
				if _, err := z.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		},
		"drip": func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			for r.Context().Err() == nil {
				<-tick.C
				_, _ = io.WriteString(w, "x")
				_ = http.NewResponseController(w).Flush()
			}
		},
		"silence": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testAccountServer(t, newVictim(t), answer)
		})
	}
	for name := range newVictim(t).forgeries(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := newVictim(t)
			token := v.forgeries(t)[name]
			testAccountServer(t, v, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, token) })
		})
	}
}

// testAccountServer asks a server that answers badly about A, and about the operator.
func testAccountServer(t *testing.T, v *victim, answer http.HandlerFunc) {
	t.Helper()
	s := httptest.NewServer(answer)
	t.Cleanup(s.Close)
	begin := time.Now()
	line := "pull -A -u " + s.URL + "/jwt/v1"
	if r := v.endure(t, line); r.code == 0 && !strings.Contains(r.stdout, "newer here") {
		t.Errorf("nkeep %s: %s", line, r)
	}
	if time.Since(begin) > time.Second { // once is enough to wait for a timeout
		return
	}
	v.endure(t, "diff -a A -u "+s.URL+"/jwt/v1")
	v.endure(t, "pull -a A -u "+s.URL+"/jwt/v1")
}

// TestHonestAccountServer makes sure that the others are not refused for another reason.
func TestHonestAccountServer(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	token := v.renewed(t)
	mux := http.NewServeMux()
	mux.HandleFunc("/accounts/"+v.public, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, token) })
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	v.must(t, "pull -a A -u "+s.URL)
	if got := string(read(t, v.file)); got != token {
		t.Errorf("took %s", got)
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		if _, err := w.Write(make([]byte, 64<<10)); err != nil {
			return
		}
	}
}
