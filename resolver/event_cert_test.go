package resolver

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nkeep/internal/testcerts"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats-server/v2/server/certidp"
)

// TestDecodeCertEvents decodes what the server's own types encode.
func TestDecodeCertEvents(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	from := server.ServerInfo{ID: "N1", Name: "n1", Time: at}
	typed := server.TypedEvent{ID: "e1", Time: at}
	peer := certidp.CertInfo{Subject: "CN=peer", Issuer: "CN=middle", Fingerprint: "cGVlcg==", Raw: []byte("der")}
	link := certidp.CertInfo{Subject: "CN=middle", Issuer: "CN=root", Fingerprint: "bWlkZGxl", Raw: []byte("der")}
	for subject, event := range map[string]any{
		"$SYS.SERVER.N1.OCSP.PEER.CONN.REJECT":  server.OCSPPeerRejectEventMsg{TypedEvent: typed, Kind: "Leafnode", Peer: peer, Server: from, Reason: "why"},
		"$SYS.SERVER.N1.OCSP.PEER.LINK.INVALID": server.OCSPPeerChainlinkInvalidEventMsg{TypedEvent: typed, Link: link, Peer: peer, Server: from, Reason: "why"},
	} {
		payload, err := json.Marshal(event)
		check(t, err)
		e := decodeEvent(subject, payload)
		want := Event{
			Kind: EventCertRefused, ID: "e1", Subject: subject, Time: at, Server: e.Server, Reason: "why", Raw: payload,
			Peer: Certificate{Subject: "CN=peer", Issuer: "CN=middle", Fingerprint: "cGVlcg=="}, Client: Client{Kind: "Leafnode"},
		}
		if _, ok := event.(server.OCSPPeerChainlinkInvalidEventMsg); ok {
			want.Kind, want.Client = EventCertInvalid, Client{}
			want.Link = Certificate{Subject: "CN=middle", Issuer: "CN=root", Fingerprint: "bWlkZGxl"}
		}
		got, err := json.Marshal(e)
		check(t, err)
		wanted, err := json.Marshal(want)
		check(t, err)
		if string(got) != string(wanted) || e.Server.Name != "n1" {
			t.Errorf("decoded as\n%s\nwant\n%s", got, wanted)
		}
	}
}

// TestWatchCertificates has a server refuse a client of whose certificate the
// authority cannot say whether it is good.
func TestWatchCertificates(t *testing.T) {
	t.Parallel()
	r := newRealm(t)
	ca, err := testcerts.NewAuthority(t.TempDir())
	check(t, err)
	check(t, ca.Issue("server"))
	check(t, ca.Issue("watcher"))
	check(t, ca.Issue("client", func(c *x509.Certificate) { c.OCSPServer = []string{"http://127.0.0.1:1"} }))
	s := start(t, r.asksAuthority(t, ca))
	login := func(name string) Options {
		return Options{URLs: []string{"tls://" + s.Addr().String()}, Identity: user(t, r.sys, restricted(EventPermissions())), TLS: TLS{
			CACert: ca.File("ca.pem"), Cert: ca.File(name + ".pem"), Key: ca.File(name + ".key"),
		}}
	}
	events := watch(t, dialWith(t, login("watcher")), WatchOptions{})
	if c, err := Dial(t.Context(), login("client")); err == nil {
		c.Close()
		t.Fatal("the client is let in")
	}
	if e := await(t, events, EventCertInvalid); e.Link.Subject != "CN=client" || e.Link != e.Peer || e.Reason == "" || e.Server.ID != s.ID() || e.Time.IsZero() {
		t.Errorf("invalid %+v", e)
	}
	if e := await(t, events, EventCertRefused); e.Peer.Subject != "CN=client" || e.Peer.Issuer != "CN=ca" || e.Peer.Fingerprint == "" || e.Client.Kind != "Client" || e.Reason == "" {
		t.Errorf("refused %+v", e)
	}
}

// asksAuthority are the options of a server that asks the authority of clients for
// their certificates. It can be said in a file only.
func (r *realm) asksAuthority(t *testing.T, ca *testcerts.Authority) *server.Options {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "server.conf")
	text := fmt.Sprintf(`
		listen: "127.0.0.1:-1"
		ocsp_cache: false
		tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true, timeout: 5, ocsp_peer: { verify: true, ca_timeout: 1 } }`,
		ca.File("server.pem"), ca.File("server.key"), ca.File("ca.pem"))
	check(t, os.WriteFile(conf, []byte(text), 0o600))
	o, err := server.ProcessConfigFile(conf)
	check(t, err)
	full := r.full(t)
	o.TrustedOperators, o.SystemAccount, o.AccountResolver = full.TrustedOperators, full.SystemAccount, full.AccountResolver
	o.NoLog, o.NoSigs = true, true
	return o
}
