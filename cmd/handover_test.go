package cmd

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nkeep/claims"
	"nkeep/resolver"

	"github.com/nats-io/nkeys"
)

// TestHandoverTakesNoLonger makes sure that a server that never answers cannot keep
// the store locked.
func TestHandoverTakesNoLonger(t *testing.T) {
	t.Parallel()
	site := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(site.Close)
	pair, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	public, err := pair.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	c := newCourier(t.Context(), func() (*resolver.HTTP, error) { return resolver.NewHTTP(resolver.HTTPOptions{}) })
	defer c.close()
	begin := c.begin
	c.begin = func() (context.Context, context.CancelFunc) {
		whole, cancel := begin()
		if end, ok := whole.Deadline(); !ok || time.Until(end) > handoverTime {
			t.Errorf("may take until %v", end)
		}
		cancel()
		return context.WithTimeout(t.Context(), 50*time.Millisecond)
	}
	_, _, err = c.exchange(site.URL, signedHere{name: "A", claims: claims.NewAccount(public, "A"), token: "x"})
	if err == nil || !strings.Contains(err.Error(), "did not answer within") {
		t.Errorf("error %v", err)
	}
	if len(c.taken) > 0 {
		t.Errorf("taken: %q", c.taken)
	}
}
