package resolver

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site is an account server whose paths misbehave in one way each.
func site(t *testing.T, token string) *httptest.Server {
	t.Helper()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(t, w, token) }))
	t.Cleanup(elsewhere.Close)
	mux := http.NewServeMux()
	serve := func(path string, h http.HandlerFunc) { mux.HandleFunc("GET "+path, h) }
	serve("/raw", func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "identity" {
			t.Errorf("accept encoding %q", got)
		}
		write(t, w, token+"\n")
	})
	serve("/decorated", func(w http.ResponseWriter, _ *http.Request) {
		write(t, w, "-----BEGIN NATS ACCOUNT JWT-----\n"+token+"\n------END NATS ACCOUNT JWT------\n")
	})
	serve("/html", func(w http.ResponseWriter, _ *http.Request) { write(t, w, "<html><body>Sign in</body></html>") })
	serve("/empty", func(http.ResponseWriter, *http.Request) {})
	serve("/gzip", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		write(t, z, token)
		check(t, z.Close())
	})
	serve("/endless", func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				return
			}
		}
	})
	serve("/drip", func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				if _, err := io.WriteString(w, "x"); err != nil {
					return
				}
				w.(http.Flusher).Flush()
			case <-r.Context().Done():
				return
			}
		}
	})
	serve("/header", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X", strings.Repeat("x", 2*maxHeader))
	})
	serve("/here", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/raw", http.StatusFound) })
	serve("/loop", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/loop", http.StatusFound) })
	serve("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL, http.StatusFound)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func write(t *testing.T, w io.Writer, text string) {
	t.Helper()
	if _, err := io.WriteString(w, text); err != nil {
		t.Error(err)
	}
}

func newHTTP(t *testing.T, o HTTPOptions) *HTTP {
	t.Helper()
	h, err := NewHTTP(o)
	check(t, err)
	t.Cleanup(h.Close)
	return h
}

func TestFetch(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	s := site(t, r.sysToken)
	h := newHTTP(t, HTTPOptions{Timeout: time.Second})
	for path, want := range map[string]string{
		"raw": "", "decorated": "", "here": "",
		"html": "not a token", "empty": "not a token", "gzip": "not a token",
		"endless": "more than 1048576 bytes", "drip": "deadline", "header": "header",
		"loop": "more than 5 redirects", "away": "another host", "absent": "404 Not Found",
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			got, err := h.Fetch(t.Context(), s.URL+"/"+path)
			if want == "" && (err != nil || string(got) != r.sysToken) {
				t.Errorf("%q, %v", got, err)
			}
			if want != "" && (err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), s.URL)) {
				t.Errorf("error %v", err)
			}
			if errors.Is(err, fs.ErrNotExist) != (path == "absent") {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestFetchRefusesAddresses(t *testing.T) {
	t.Parallel()
	h := newHTTP(t, HTTPOptions{})
	for _, address := range []string{"", "localhost:9090", "file:///etc/passwd", "nats://h", "http://", "http://u:hush@", ":"} {
		if _, err := h.Fetch(t.Context(), address); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v", address, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Fetch(ctx, "http://127.0.0.1:1"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestPostAccount(t *testing.T) {
	t.Parallel()
	a := newRealm(t).accounts(t, 1)[0]
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != a.Token || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/jwt" {
			t.Errorf("%s %q %q %v", r.Method, r.Header, body, err)
		}
		var base string
		var status int
		if _, err := fmt.Sscanf(r.URL.Path, "/%3s/%d/accounts/"+a.ID, &base, &status); err != nil {
			t.Errorf("path %q: %v", r.URL.Path, err)
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
		write(t, w, strings.Repeat("word ", 1000))
	}))
	t.Cleanup(s.Close)
	h := newHTTP(t, HTTPOptions{})
	for status, want := range map[int]Outcome{
		200: Stored, 201: Deferred, 202: Deferred, 203: Rejected, 302: Rejected, 400: Rejected, 500: Rejected,
	} {
		got, err := h.PostAccount(t.Context(), fmt.Sprintf("%s/jwt/%d/", s.URL, status), a.ID, a.Token)
		if err != nil || got.Outcome != want || got.Status != status || len(got.Message) > maxMessage || got.Message == "" {
			t.Errorf("%d: %+v, %v", status, got, err)
		}
	}
	if _, err := h.PostAccount(t.Context(), s.URL, "../x", a.Token); err == nil {
		t.Error("a path is no account")
	}
	if _, err := h.PostAccount(t.Context(), "nats://h", a.ID, a.Token); err == nil {
		t.Error("nats is not http")
	}
}

// TestFetchOperator looks for the operator where tokens of version 2 are, and where
// the base URL says when that has none.
func TestFetchOperator(t *testing.T) {
	t.Parallel()
	token := newRealm(t).sysToken
	for name, tc := range map[string]struct {
		base, second, first string
		want                string // path that the token is from
	}{
		"both":            {"/jwt/v1/", token, token, "/jwt/v2/operator"},
		"the first alone": {"/jwt/v1", "", token, "/jwt/v1/operator"},
		"a page for all":  {"/jwt/v1", "<html>", token, "/jwt/v1/operator"},
		"another base":    {"/x/jwt/v3", token, token, "/x/jwt/v3/operator"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var last atomic.Value
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body := tc.first
				if strings.HasPrefix(r.URL.Path, "/jwt/v2/") {
					body = tc.second
				}
				last.Store(r.URL.Path)
				if body == "" {
					http.NotFound(w, r)
					return
				}
				write(t, w, body)
			}))
			t.Cleanup(s.Close)
			got, err := newHTTP(t, HTTPOptions{}).FetchOperator(t.Context(), s.URL+tc.base)
			if err != nil || got != token || last.Load() != tc.want {
				t.Errorf("%d bytes from %v, error %v", len(got), last.Load(), err)
			}
		})
	}
}

// An account that is not handed out for the time being is asked for again, and what
// will not change is not.
func TestFetchAccountInsists(t *testing.T) {
	t.Parallel()
	a := newRealm(t).accounts(t, 1)[0]
	for name, tc := range map[string]struct {
		answer func(w http.ResponseWriter, r *http.Request, try int32)
		tries  int32
		err    string
	}{
		"busy at first": {func(w http.ResponseWriter, _ *http.Request, try int32) {
			if try < maxTries {
				w.WriteHeader(http.StatusServiceUnavailable)
				return
			}
			write(t, w, a.Token)
		}, maxTries, ""},
		"hangs up at first": {func(w http.ResponseWriter, _ *http.Request, try int32) {
			if try == 1 {
				panic(http.ErrAbortHandler)
			}
			write(t, w, a.Token)
		}, 2, ""},
		"always busy": {func(w http.ResponseWriter, _ *http.Request, _ int32) { w.WriteHeader(http.StatusTooManyRequests) }, maxTries, "429"},
		"absent":      {func(w http.ResponseWriter, r *http.Request, _ int32) { http.NotFound(w, r) }, 1, "404"},
		"refused":     {func(w http.ResponseWriter, _ *http.Request, _ int32) { w.WriteHeader(http.StatusForbidden) }, 1, "403"},
		"page":        {func(w http.ResponseWriter, _ *http.Request, _ int32) { write(t, w, "<html>") }, 1, "not a token"},
		"elsewhere": {func(w http.ResponseWriter, r *http.Request, _ int32) {
			http.Redirect(w, r, "http://127.0.0.2/", http.StatusFound)
		}, 1, "another host"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { tc.answer(w, r, tries.Add(1)) }))
			t.Cleanup(s.Close)
			got, err := newHTTP(t, HTTPOptions{}).FetchAccount(t.Context(), s.URL, a.ID)
			if tc.err == "" && (err != nil || got != a.Token) || tc.err != "" && (err == nil || !strings.Contains(err.Error(), tc.err)) {
				t.Errorf("%q, %v", got, err)
			}
			if n := tries.Load(); n != tc.tries {
				t.Errorf("%d tries, not %d", n, tc.tries)
			}
		})
	}
}
