package render

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

const (
	issuedAt = 1795361184 // 2026-11-22T15:26:24Z
	day      = 24 * 60 * 60
)

// key returns the nth key pair of a kind, the same on every run.
func key(t *testing.T, kind nkeys.PrefixByte, n byte) nkeys.KeyPair {
	t.Helper()
	kp, err := nkeys.FromRawSeed(kind, bytes.Repeat([]byte{n}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return kp
}

func id(t *testing.T, kind nkeys.PrefixByte, n byte) string {
	t.Helper()
	pub, err := key(t, kind, n).PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return pub
}

func operatorID(t *testing.T, n byte) string { t.Helper(); return id(t, nkeys.PrefixByteOperator, n) }

func accountID(t *testing.T, n byte) string { t.Helper(); return id(t, nkeys.PrefixByteAccount, n) }
func userID(t *testing.T, n byte) string    { t.Helper(); return id(t, nkeys.PrefixByteUser, n) }

func names(t *testing.T) Names {
	t.Helper()
	known := map[string]string{operatorID(t, 1): "O", accountID(t, 1): "SYS", accountID(t, 2): "ORDERS", userID(t, 1): "alice"}
	return func(id string) string { return known[id] }
}

func stamp(c jwt.Claims, name, issuer string) {
	d := c.Claims()
	d.Name, d.Issuer, d.IssuedAt = name, issuer, issuedAt
}

func fullOperator(t *testing.T) *jwt.OperatorClaims {
	t.Helper()
	c := jwt.NewOperatorClaims(operatorID(t, 1))
	stamp(c, "O\n", operatorID(t, 1))
	c.Expires = issuedAt + 365*day
	c.AccountServerURL = "https://accounts.example.com/jwt/v1"
	c.OperatorServiceURLs.Add("nats://a:4222", "nats://b:4222")
	c.SystemAccount = accountID(t, 1)
	c.AssertServerVersion = "2.11.0"
	c.StrictSigningKeyUsage = true
	c.SigningKeys.Add(operatorID(t, 3), operatorID(t, 2))
	c.Tags.Add("prod", "eu")
	return c
}

func fullAccount(t *testing.T) *jwt.AccountClaims {
	t.Helper()
	c := jwt.NewAccountClaims(accountID(t, 2))
	stamp(c, "ORDERS", operatorID(t, 1))
	c.NotBefore = issuedAt - day
	c.Description, c.InfoURL = "all \x1borders", "https://example.com/orders"
	c.Limits.Conn, c.Limits.Subs, c.Limits.Data, c.Limits.Payload = 100, 0, 1_500_000, 1<<20
	c.Limits.JetStreamLimits = jwt.JetStreamLimits{DiskStorage: 10 << 30, Streams: 5, Consumer: -1, MaxBytesRequired: true}
	c.SigningKeys.Add(accountID(t, 3))
	c.SigningKeys.AddScopedSigner(fullScope(t))
	c.DefaultPermissions.Pub.Deny.Add("$SYS.>")
	c.DefaultPermissions.Resp = &jwt.ResponsePermission{MaxMsgs: 0, Expires: 0}
	c.Authorization.AuthUsers.Add(userID(t, 1))
	c.Authorization.AllowedAccounts.Add(jwt.AnyAccount)
	c.Trace = &jwt.MsgTrace{Destination: "trace.here", Sampling: 50}
	c.Revoke(jwt.All)
	c.Revocations = jwt.RevocationList{jwt.All: issuedAt - 2*day, userID(t, 1): issuedAt - day, userID(t, 2): issuedAt}
	c.Mappings = jwt.Mapping{
		"b.*": {{Subject: "c.$1"}},
		"a":   {{Subject: "x", Weight: 60, Cluster: "eu"}, {Subject: "y", Weight: 40, Cluster: "eu"}},
	}
	c.Exports.Add(
		&jwt.Export{Name: "events", Subject: "events.>", Type: jwt.Stream, TokenReq: true, Revocations: jwt.RevocationList{accountID(t, 1): issuedAt}},
		&jwt.Export{
			Name: "quote", Subject: "quote.*", Type: jwt.Service, AccountTokenPosition: 2, ResponseThreshold: time.Second,
			Latency: &jwt.ServiceLatency{Sampling: jwt.Headers, Results: "lat.quote"}, AllowTrace: true,
		})
	c.Imports.Add(
		&jwt.Import{Name: "mon", Subject: "$SYS.ACCOUNT.>", Account: accountID(t, 1), LocalSubject: "mon.>", Type: jwt.Stream},
		&jwt.Import{Name: "url", Subject: "u", Account: accountID(t, 9), Token: "https://example.com/token", Type: jwt.Stream},
		&jwt.Import{Name: "bad", Subject: "v", Account: accountID(t, 9), Token: "eyJ", Type: jwt.Stream},
		&jwt.Import{Name: "old", Subject: "here", To: "there", Account: accountID(t, 9), Token: activationToken(t), Type: jwt.Service, Share: true}) //nolint:staticcheck // old tokens have To
	return c
}

func fullScope(t *testing.T) *jwt.UserScope {
	t.Helper()
	s := jwt.NewUserScope()
	s.Key, s.Role, s.Description = accountID(t, 4), "reader", "reads only"
	s.Template.Sub.Allow.Add("orders.>", "<b>&")
	s.Template.Pub.Deny.Add(">")
	s.Template.Subs = 10
	return s
}

func activationClaims(t *testing.T) *jwt.ActivationClaims {
	t.Helper()
	c := jwt.NewActivationClaims(accountID(t, 2))
	stamp(c, "there", accountID(t, 1))
	c.Expires = issuedAt + 30*day
	c.ImportSubject, c.ImportType = "there", jwt.Service
	return c
}

func activationToken(t *testing.T) string {
	t.Helper()
	token, err := activationClaims(t).Encode(key(t, nkeys.PrefixByteAccount, 1))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func plainUser(t *testing.T) *jwt.UserClaims {
	t.Helper()
	c := jwt.NewUserClaims(userID(t, 1))
	stamp(c, "alice", accountID(t, 2))
	return c
}

func fullUser(t *testing.T) *jwt.UserClaims {
	t.Helper()
	c := plainUser(t)
	c.Issuer, c.IssuerAccount = accountID(t, 3), accountID(t, 2)
	c.Subs, c.Data, c.NatsLimits.Payload = 0, 0, -1
	c.Pub.Allow.Add("b", "a")
	c.Pub.Deny.Add("c")
	c.Sub.Allow.Add("d queue")
	c.Sub.Deny.Add("e")
	c.Resp = &jwt.ResponsePermission{MaxMsgs: -1, Expires: 5 * time.Second}
	c.BearerToken = true
	c.Src.Add("192.0.2.0/24", "10.0.0.0/8")
	c.AllowedConnectionTypes.Add(jwt.ConnectionTypeWebsocket, jwt.ConnectionTypeMqtt)
	c.Times = []jwt.TimeRange{{Start: "09:00:00", End: "17:00:00"}, {Start: "22:00:00", End: "04:00:00"}}
	c.Locale = "Europe/Prague"
	c.Tags.Add("dev")
	return c
}

func scopedUser(t *testing.T) *jwt.UserClaims {
	t.Helper()
	c := plainUser(t)
	c.SetScoped(true)
	c.Issuer, c.IssuerAccount = accountID(t, 4), accountID(t, 2)
	return c
}

func tieredAccount(t *testing.T) *jwt.AccountClaims {
	t.Helper()
	c := jwt.NewAccountClaims(accountID(t, 2))
	stamp(c, "TIERED", operatorID(t, 1))
	c.Limits.JetStreamTieredLimits = jwt.JetStreamTieredLimits{
		"R3": {DiskStorage: -1, MemoryStorage: 1000}, "R1": {DiskStorage: 1 << 30, MaxAckPending: 7},
	}
	return c
}

func TestClaimsText(t *testing.T) {
	t.Parallel()
	now := time.Unix(issuedAt+60, 0)
	generic := jwt.NewGenericClaims("subject")
	stamp(generic, "G", "issuer")
	generic.Data["x"] = map[string]any{"subject": "a.>", "evil": "\x1b\n"}
	for name, v := range map[string]View{
		"operator":       Token(fullOperator(t), names(t), now),
		"operator_plain": Token(jwt.NewOperatorClaims(operatorID(t, 1)), nil, now),
		"account":        Token(fullAccount(t), names(t), now),
		"account_ids":    Token(fullAccount(t), nil, now),
		"account_plain":  Token(jwt.NewAccountClaims(accountID(t, 2)), names(t), now),
		"account_tiers":  Token(tieredAccount(t), names(t), now),
		"user":           Token(fullUser(t), names(t), now),
		"user_plain":     Token(plainUser(t), names(t), now),
		"user_maybe":     Token(scopedUser(t), names(t), now),
		"user_effective": Effective{"bob", scopedUser(t).Subject, "ORDERS", "reader", fullScope(t).Template},
		"user_scoped":    User(scopedUser(t), fullScope(t), names(t), now),
		"activation":     Token(activationClaims(t), names(t), now),
		"generic":        Token(generic, names(t), now),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "claims/"+name+".txt", show(t, Options{}, v))
		})
	}
}

// TestClaimsJSON holds the JSON form to be the body of the token, with nothing escaped that JSON does not ask to escape.
func TestClaimsJSON(t *testing.T) {
	t.Parallel()
	now := time.Unix(issuedAt, 0)
	for _, c := range []jwt.Claims{fullOperator(t), fullAccount(t), fullUser(t), activationClaims(t)} {
		got := show(t, Options{JSON: true}, Token(c, names(t), now))
		want, err := json.MarshalIndent(c, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		want = bytes.NewBuffer(append(want, '\n')).Bytes()
		for escape, char := range map[string]string{`\u003e`: ">", `\u003c`: "<", `\u0026`: "&"} {
			want = bytes.ReplaceAll(want, []byte(escape), []byte(char))
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%T: %s\nwant %s", c, got, want)
		}
		if strings.Contains(string(got), `\u00`+"3") || !strings.HasPrefix(string(got), "{\n \"") {
			t.Errorf("%T: %s", c, got)
		}
	}
	if got := show(t, Options{JSON: true}, Token(fullAccount(t), nil, now)); !bytes.Contains(got, []byte(`"<b>&"`)) {
		t.Errorf("HTML inside a scope is escaped: %s", got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		-5: "Unlimited (-5)", -1: "Unlimited", 0: "0 bytes", 999: "999 bytes", 1000: "1.0 kB", 1001: "1.0 kB (1001 bytes)",
		1024: "1.0 KiB", 1 << 40: "1.0 TiB", 5632: "5.6 kB (5632 bytes)", 1025 << 10: "1.0 MiB (1049600 bytes)", 1 << 62: "4.0 EiB", 1<<63 - 1: "9.2 EB (9223372036854775807 bytes)",
	} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
	if got := count(0); got != "0" {
		t.Errorf("a limit of 0 is shown as %q", got)
	}
}
