package claims

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// Countersigned compares an account that signed itself with what its operator,
// who keeps his keys elsewhere, has made of it. It returns what he changed. Limits,
// times and what describes the account are his to change; that he changed anything
// else is an error: keys, exports, imports, permissions and revocations are what
// the account alone says, and nothing is built on another's word.
func Countersigned(sent, got *jwt.AccountClaims) ([]Change, error) {
	changes, err := Diff(sent, got)
	if err != nil {
		return nil, err
	}
	changes = slices.DeleteFunc(changes, func(c Change) bool { return c.Field == "iss" })
	for _, c := range changes {
		if !operatorsOwn(c.Field) {
			return changes, fmt.Errorf("account %q: its operator changed %q, which is not his to change", sent.Name, c.Field)
		}
	}
	return changes, nil
}

// operatorsOwn reports whether an operator may change a field of an account.
func operatorsOwn(field string) bool {
	if strings.HasPrefix(field, "nats.limits.") {
		return true
	}
	return slices.Contains([]string{"aud", "exp", "nbf", "name", "nats.limits", "nats.tags", "nats.description", "nats.info_url", "nats.cluster_traffic"}, field)
}
