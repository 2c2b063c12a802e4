package resolver

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// accountServer answers posts by the number of the account and of the try.
func accountServer(t *testing.T, accounts []Account, answer func(w http.ResponseWriter, r *http.Request, account, try int)) string {
	t.Helper()
	var mu sync.Mutex
	tries, number := map[string]int{}, map[string]int{}
	for i, a := range accounts {
		number[a.ID] = i
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := path.Base(r.URL.Path)
		mu.Lock()
		tries[id]++
		try := tries[id]
		mu.Unlock()
		answer(w, r, number[id], try)
	}))
	t.Cleanup(s.Close)
	return s.URL + "/jwt/v1"
}

func TestHTTPPush(t *testing.T) {
	t.Parallel()
	accounts := newRealm(t).accounts(t, 500)
	var now, done atomic.Int64
	var mu sync.Mutex
	var most int64
	base := accountServer(t, accounts, func(w http.ResponseWriter, r *http.Request, i, try int) {
		n := now.Add(1)
		mu.Lock()
		most = max(most, n)
		mu.Unlock()
		defer now.Add(-1)
		defer done.Add(1)
		if i == 0 { // others come meanwhile
			before := done.Load()
			eventually(t, func() bool { return done.Load() > before+2 })
		}
		switch {
		case i == 1 && try < 3:
			w.WriteHeader(http.StatusServiceUnavailable)
		case i == 2:
			w.WriteHeader(http.StatusAccepted)
		case i == 3:
			w.WriteHeader(http.StatusForbidden)
			write(t, w, "not yours")
		case i == 4 && !strings.HasPrefix(r.URL.Path, "/moved"):
			http.Redirect(w, r, "/moved"+r.URL.Path, http.StatusTemporaryRedirect)
		default:
			body, err := io.ReadAll(r.Body)
			if err != nil || string(body) != accounts[i].Token {
				t.Errorf("body %q, %v", body, err)
			}
		}
	})
	got := map[string]Result{}
	sum, err := newHTTP(t, HTTPOptions{}).Push(t.Context(), base, accounts, HTTPPushOptions{OnResult: func(r Result) { got[r.Account] = r }})
	check(t, err)
	if sum.Results != (Tally{Stored: 498, Deferred: 1, Rejected: 1}) || sum.Complete != 498 || sum.All() || sum.None() || len(got) != 500 {
		t.Errorf("%+v", sum)
	}
	if r := got[accounts[3].ID]; r.Message != "Forbidden: not yours" {
		t.Errorf("%+v", r)
	}
	if most < 2 || most > DefaultPosts {
		t.Errorf("%d posts at a time", most)
	}
}

// None of them gets through, and none costs more than its time.
func TestHostileAccountServers(t *testing.T) {
	t.Parallel()
	accounts := newRealm(t).accounts(t, 60) // more than are posted at a time
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("was redirected elsewhere") }))
	t.Cleanup(elsewhere.Close)
	endless := func(w io.Writer) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	}
	for name, answer := range map[string]http.HandlerFunc{
		"silence": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			<-r.Context().Done()
		},
		"drip": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			for wait(r.Context(), 10*time.Millisecond) {
				_, _ = io.WriteString(w, "x")
				w.(http.Flusher).Flush()
			}
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) { endless(w) },
		"bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			endless(gzip.NewWriter(w))
		},
		"page": func(w http.ResponseWriter, _ *http.Request) { write(t, w, "<html>Sign in</html>") },
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		"file": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "file:///etc/passwd", http.StatusPermanentRedirect)
		},
		"loop": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusTemporaryRedirect)
		},
		"hang up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(answer)
			t.Cleanup(func() { s.CloseClientConnections(); s.Close() })
			h := newHTTP(t, HTTPOptions{Timeout: 2 * short})
			sum, err := h.Push(t.Context(), s.URL, accounts, HTTPPushOptions{})
			if err != nil || sum.Results.Rejected+sum.Results.Silent != len(accounts) {
				t.Errorf("%+v, %v", sum, err)
			}
			if sum.Elapsed > costs {
				t.Errorf("took %v", sum.Elapsed)
			}
		})
	}
}

func TestHTTPPushEndsWithContext(t *testing.T) {
	t.Parallel()
	accounts := newRealm(t).accounts(t, 40)
	base := accountServer(t, accounts, func(http.ResponseWriter, *http.Request, int, int) {})
	over := errors.New("over")
	ctx, cancel := withCause(t)
	seen := 0
	_, err := newHTTP(t, HTTPOptions{}).Push(ctx, base, accounts, HTTPPushOptions{InFlight: 1, OnResult: func(Result) {
		if seen++; seen == 3 {
			cancel(over)
		}
	}})
	if !errors.Is(err, over) || seen != 3 {
		t.Errorf("%d results, %v", seen, err)
	}
	if _, err := newHTTP(t, HTTPOptions{}).Push(t.Context(), base, []Account{{ID: "x"}}, HTTPPushOptions{}); err == nil {
		t.Error("an account without a key is posted")
	}
}
