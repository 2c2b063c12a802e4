package claims

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// issueTexts are issues, one a line as "level field: text".
func issueTexts(issues []Issue) []string {
	var texts []string
	for _, i := range issues {
		texts = append(texts, fmt.Sprintf("%s %s: %s", i.Level, i.Field, i.Text))
	}
	return texts
}

func expectIssues(t *testing.T, got []Issue, want []string) {
	t.Helper()
	if texts := issueTexts(got); !slices.EqualFunc(texts, want, strings.Contains) {
		t.Errorf("got  %q\nwant %q", texts, want)
	}
}

func TestChainOperator(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, _ := key(t, nkeys.PrefixByteOperator)
	now := epoch()
	for name, tt := range map[string]struct {
		token string
		want  []string
	}{
		"identity":    {sign(t, w.op, w.oKey), nil},
		"signing key": {sign(t, w.op, w.oSign), nil},
		"foreign":     {sign(t, w.op, foreign), []string{"error iss: issuer"}},
	} {
		c, err := ReadOperator(tt.token)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		expectIssues(t, Chain{Now: now}.OperatorIssues(c), tt.want)
	}
}

func TestChainAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	foreign, _ := key(t, nkeys.PrefixByteOperator)
	strict, system := *w.op, *w.op
	strict.StrictSigningKeyUsage = true
	system.SystemAccount = w.ac.Subject
	withJS := *w.ac
	withJS.Limits.DiskStorage = -1
	expired := *w.ac
	expired.Expires = epoch().Unix() - 1
	for _, tt := range []struct {
		name  string
		chain Chain
		token string
		want  []string
	}{
		{"sound", Chain{Operator: w.op}, sign(t, w.ac, w.oKey), nil},
		{"foreign", Chain{Operator: w.op}, sign(t, w.ac, foreign), []string{`error iss: issuer`}},
		{"foreign, nobody to ask", Chain{}, sign(t, w.ac, foreign), nil},
		{"strict", Chain{Operator: &strict}, sign(t, w.ac, w.oKey), []string{"error iss: issued by the identity"}},
		{"strict, signing key", Chain{Operator: &strict}, sign(t, w.ac, w.oSign), nil},
		{"itself", Chain{Operator: w.op}, sign(t, w.ac, w.aKey), []string{"error iss: issuer", "warning : self-signed"}},
		{"managed", Chain{Operator: w.op, Managed: true}, sign(t, w.ac, w.aKey), []string{"warning : self-signed"}},
		{"JetStream", Chain{Operator: w.op}, sign(t, &withJS, w.oKey), nil},
		{"JetStream, system", Chain{Operator: &system}, sign(t, &withJS, w.oKey), []string{"error nats.limits: has JetStream"}},
		{"all at once", Chain{Operator: w.op}, sign(t, &expired, foreign), []string{"error iss: issuer", "expired exp:"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := ReadAccount(tt.token)
			if err != nil {
				t.Fatal(err)
			}
			tt.chain.Now = epoch()
			expectIssues(t, tt.chain.AccountIssues(c), tt.want)
		})
	}
}

func TestChainUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	strict, noBearer := *w.op, *w.ac
	strict.StrictSigningKeyUsage = true
	noBearer.Limits.DisallowBearer = true
	foreign, _ := key(t, nkeys.PrefixByteAccount)
	user := func(edit func(*jwt.UserClaims), by nkeys.KeyPair) string {
		c := NewUser(pub(t, nkeys.PrefixByteUser), "U")
		c.IssuerAccount = w.ac.Subject
		edit(c)
		return sign(t, c, by)
	}
	same := func(*jwt.UserClaims) {}
	denying := *w.ac
	denying.SigningKeys = jwt.SigningKeys{w.scoped: &jwt.UserScope{Key: w.scoped, Template: jwt.UserPermissionLimits{Permissions: jwt.Permissions{Pub: jwt.Permission{Deny: jwt.StringList{"{{tag(x)}}"}}}}}}
	tagged := func(c *jwt.UserClaims) { Scope(c); c.Tags = jwt.TagList{"x:y"} }
	bearer := func(c *jwt.UserClaims) { c.BearerToken = true }
	for _, tt := range []struct {
		name  string
		op    *jwt.OperatorClaims
		ac    *jwt.AccountClaims
		token string
		want  []string
	}{
		{"identity", w.op, w.ac, user(same, w.aKey), nil},
		{"signing key", &strict, w.ac, user(same, w.aSign), nil},
		{"strict", &strict, w.ac, user(same, w.aKey), []string{"error iss: issued by the identity of account"}},
		{"foreign", w.op, w.ac, user(same, foreign), []string{"error iss: issuer"}},
		{"foreign, nobody to ask", w.op, nil, user(same, foreign), nil},
		{"scoped with permissions", w.op, w.ac, user(same, w.aScoped), []string{"error iss: issued by the scoped key"}},
		{"scoped", w.op, w.ac, user(Scope, w.aScoped), nil},
		{"template without a value", w.op, &denying, user(Scope, w.aScoped), []string{"error iss: servers refuse it for the template of its role"}},
		{"template with one", w.op, &denying, user(tagged, w.aScoped), nil},
		{"bearer", w.op, w.ac, user(bearer, w.aKey), nil},
		{"bearer, not allowed", w.op, &noBearer, user(bearer, w.aKey), []string{"error nats.bearer_token: is a bearer token"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, err := ReadUser(tt.token)
			if err != nil {
				t.Fatal(err)
			}
			expectIssues(t, Chain{Operator: tt.op, Now: epoch()}.UserIssues(c, tt.ac), tt.want)
		})
	}
}

// TestRead reads tokens of any kind, and refuses a subject of another.
func TestRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	act := jwt.NewActivationClaims(w.ac.Subject)
	act.ImportSubject, act.ImportType = "p", jwt.Stream
	for _, token := range []string{sign(t, w.op, w.oKey), sign(t, w.ac, w.oKey), sign(t, NewUser(pub(t, nkeys.PrefixByteUser), "U"), w.aKey), sign(t, act, w.aKey)} {
		if c, err := Read(token); err != nil || c.Claims().Issuer == "" {
			t.Errorf("%v %v", c, err)
		}
	}
	for _, token := range []string{"", "a.b.c", sign(t, w.op, w.oKey) + "x"} {
		if c, err := Read(token); err == nil {
			t.Errorf("%q is read as %v", token, c)
		}
	}
}
