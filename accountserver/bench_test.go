package accountserver

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"nkeep/jwtstore"

	"github.com/nats-io/jwt/v2"
)

// many fills a store, and returns the accounts' keys and tokens.
func (r *realm) many(b *testing.B, count int) (keys, tokens []string) {
	b.Helper()
	r.update(b, func(tx *jwtstore.Tx) error {
		for i := range count {
			name := "account-" + strconv.Itoa(i)
			key, token := r.account(b, name, func(ac *jwt.AccountClaims) { ac.Description = fmt.Sprintf("%0250d", i) })
			keys, tokens = append(keys, key), append(tokens, token)
			if _, err := tx.PutAccount(operatorName, name, token); err != nil {
				return err
			}
		}
		return nil
	})
	return keys, tokens
}

// BenchmarkGet asks for ten thousand accounts in turns, over the loopback
// interface: of the account server, and of a bare handler that has the same
// bytes in memory. Each part of a pair runs with the same clients.
func BenchmarkGet(b *testing.B) {
	const count = 10_000
	r := newRealm(b)
	keys, tokens := r.many(b, count)
	check(b, r.settle())
	byPath := map[string][]byte{}
	for i, key := range keys {
		byPath["/jwt/v1/accounts/"+key] = []byte(tokens[i])
	}
	bare := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		token := byPath[req.URL.Path]
		w.Header().Set("Content-Type", tokenType)
		w.Header().Set("Content-Length", strconv.Itoa(len(token)))
		_, _ = w.Write(token)
	}))
	defer bare.Close()
	for name, url := range map[string]string{"bare": bare.URL, "nkeep": r.web.URL} {
		fetchAll(b, url, keys) // every token was asked for once
		b.Run(name, func(b *testing.B) { fetchAll(b, url, keys) })
	}
	b.Run("ratio", func(b *testing.B) {
		var spent [2]time.Duration
		for range b.N {
			for i, url := range []string{bare.URL, r.web.URL} {
				begun := time.Now()
				fetch(b, url, keys)
				spent[i] += time.Since(begun)
			}
		}
		b.ReportMetric(float64(spent[0])/float64(spent[1]), "of-bare-throughput")
	})
}

// settle waits until the disk's clock proves that nothing has changed.
func (r *realm) settle() error {
	<-time.After(3100 * time.Millisecond)
	_, err := r.server.book.refresh()
	return err
}

func fetchAll(b *testing.B, url string, keys []string) {
	b.Helper()
	for range b.N {
		fetch(b, url, keys)
	}
}

// fetch asks for every account once, eight at a time.
func fetch(b *testing.B, url string, keys []string) {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 8}}
	defer client.CloseIdleConnections()
	var next atomic.Int64
	done := make(chan error)
	for range 8 {
		go func() {
			for i := next.Add(1) - 1; i < int64(len(keys)); i = next.Add(1) - 1 {
				req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, url+"/jwt/v1/accounts/"+keys[i], nil)
				if err != nil {
					done <- err
					return
				}
				resp, err := client.Do(req)
				if err != nil {
					done <- err
					return
				}
				n, err := io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				if err != nil || n < 500 {
					done <- fmt.Errorf("%d bytes: %w", n, err)
					return
				}
			}
			done <- nil
		}()
	}
	for range 8 {
		check(b, <-done)
	}
}
