package testscripts

import (
	"os"
	"path/filepath"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
	"github.com/rogpeppe/go-internal/testscript"
)

// cmdNscOdd adds to a store of cmdNscStore what is odd, and nsc puts up with: an
// operator "P q.ü" whose names have blanks, dots and characters beyond ASCII, and
// with an account A as O has one. Of the users of that, gone has no creds, lost no
// seed but in its creds, and bare neither; far is an account whose seed is elsewhere.
func cmdNscOdd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: nscodd xdg|legacy|all")
	}
	n := nscWriter{ts: ts, at: placesOfNsc(ts, args[0]), operator: "P q.ü"}
	op := n.key(nkeys.PrefixByteOperator)
	n.newOperator(op, func(*jwt.OperatorClaims) {})
	for _, name := range []string{"A", "Ünï 名.x", "far"} {
		kp := n.key(nkeys.PrefixByteAccount)
		ac := jwt.NewAccountClaims(n.public(kp))
		ac.Name = name
		n.account(ac, op)
		switch name {
		case "far":
			n.forget(n.public(kp))
			continue
		case "A":
			for _, user := range []string{"gone", "lost", "bare"} {
				n.user(name, user, n.public(kp), kp, n.without(user != "gone"))
				if user != "lost" {
					ts.Check(os.Remove(filepath.Join(n.at.keys, "creds", n.operator, name, user+".creds")))
				}
			}
		}
		n.user(name, "a.b ç", n.public(kp), kp, nil)
	}
}

// without is an edit of a user whose seed is forgotten if lost.
func (n nscWriter) without(lost bool) func(*jwt.UserClaims) {
	return func(uc *jwt.UserClaims) {
		if lost {
			n.forget(uc.Subject)
		}
	}
}

// forget takes a seed out of the keystore.
func (n nscWriter) forget(public string) {
	n.ts.Check(os.Remove(filepath.Join(n.at.keys, "keys", public[:1], public[1:3], public+".nk")))
}
