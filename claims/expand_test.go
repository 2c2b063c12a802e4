package claims

import (
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// TestEffective is about users that no role binds; what templates become is
// compared with the server's.
func TestEffective(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, id := key(t, nkeys.PrefixByteUser)
	w.ac.DefaultPermissions.Pub.Allow = jwt.StringList{"default"}
	u := NewUser(id, "bob")
	u.Issuer, u.NatsLimits.Payload, u.BearerToken = w.ac.Subject, 5, true
	got, err := Effective(w.ac, u)
	if err != nil || !slices.Equal(got.Pub.Allow, []string{"default"}) || got.Payload != 5 || !got.BearerToken {
		t.Errorf("without permissions: %+v, %v", got, err)
	}
	got.Pub.Allow[0] = "changed"
	if w.ac.DefaultPermissions.Pub.Allow[0] != "default" {
		t.Error("shares the account's list")
	}
	u.Sub.Deny = jwt.StringList{"{{name()}}"}
	if got, err = Effective(w.ac, u); err != nil || len(got.Pub.Allow) > 0 || !slices.Equal(got.Sub.Deny, []string{"{{name()}}"}) {
		t.Errorf("with permissions: %+v, %v", got, err)
	}
	u.Issuer = w.scoped
	if got, err = Effective(w.ac, u); err != nil || len(got.Sub.Deny) > 0 || got.Payload == 5 {
		t.Errorf("of a role: %+v, %v", got, err)
	}
}

func FuzzEffective(f *testing.F) {
	for _, x := range expansions() {
		for _, s := range slices.Concat(x.allowPub, x.denyPub, x.allowSub, x.denySub) {
			f.Add(s, x.user, strings.Join(x.tags, ","), true)
		}
	}
	f.Fuzz(func(t *testing.T, subject, name, tags string, deny bool) {
		_, a := key(t, nkeys.PrefixByteAccount)
		ac := NewAccount(a, name)
		ac.Tags = strings.Split(tags, ",")
		scope := jwt.NewUserScope()
		scope.Key, scope.Template.Pub.Allow = a, jwt.StringList{subject, "x"}
		if deny {
			scope.Template.Pub.Deny = jwt.StringList{subject}
		}
		ac.SigningKeys = jwt.SigningKeys{a: scope}
		u := &jwt.UserClaims{ClaimsData: jwt.ClaimsData{Subject: a, Issuer: a, Name: name}}
		u.Tags = ac.Tags
		got, err := Effective(ac, u)
		if err != nil {
			return
		}
		if len(got.Pub.Allow) > MaxExpanded+1 || len(got.Pub.Deny) > MaxExpanded {
			t.Errorf("%d and %d subjects", len(got.Pub.Allow), len(got.Pub.Deny))
		}
		if !slices.Contains(got.Pub.Allow, "x") {
			t.Errorf("what has no template is gone: %q", got.Pub.Allow)
		}
		for _, s := range got.Pub.Allow {
			if _, err := ParseSubscribe(s); err != nil {
				t.Errorf("allows no subject: %v", err)
			}
		}
	})
}
