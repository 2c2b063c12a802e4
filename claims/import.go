package claims

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// RemoteSubject returns the subject of an import as the exporting account knows
// it. In a service import of the older form, that is its To.
func RemoteSubject(im *jwt.Import) jwt.Subject {
	if to := im.GetTo(); to != "" && im.LocalSubject == "" && im.IsService() {
		return jwt.Subject(to)
	}
	return im.Subject
}

// Uses reports whether the import im takes from the export x of account, a public
// key: all of it or a part; nil stands for any export.
func Uses(im *jwt.Import, account string, x *jwt.Export) bool {
	return im.Account == account && (x == nil || im.Type == x.Type && RemoteSubject(im).IsContainedIn(x.Subject))
}

// Imports reads an account token, whoever issued it, and reports whether it
// imports from the export x of account, or anything if x is nil. Most tokens do
// not mention the account, and are not decoded any further.
func Imports(token, account string, x *jwt.Export) (bool, error) {
	c, err := readMention(token, account)
	if err != nil || c == nil {
		return false, err
	}
	return slices.ContainsFunc(c.Imports, func(im *jwt.Import) bool { return Uses(im, account, x) }), nil
}

// ActivatedBy reads an account token as [Imports] does, and returns the subjects that
// it imports from account by an activation which one of the keys has issued.
func ActivatedBy(token, account string, keys []string) ([]string, error) {
	c, err := readMention(token, account)
	if err != nil || c == nil {
		return nil, err
	}
	var subjects []string
	for _, im := range c.Imports {
		if !Uses(im, account, nil) || im.Token == "" {
			continue
		}
		if act, err := ReadActivation(im.Token); err == nil && slices.Contains(keys, act.Issuer) {
			subjects = append(subjects, string(RemoteSubject(im)))
		}
	}
	return subjects, nil
}

// readMention reads the token of an account that mentions another one. It is nil for
// most, which do not, and for that account itself.
func readMention(token, account string) (*jwt.AccountClaims, error) {
	payload, err := payloadOf(token)
	if err != nil || !bytes.Contains(payload, []byte(account)) {
		return nil, err
	}
	c, err := ReadAccount(token)
	if err != nil || c.Subject == account {
		return nil, err
	}
	return c, nil
}

func payloadOf(token string) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, fmt.Errorf("token has %d parts instead of 3", len(parts))
	}
	return decodePart(parts[1])
}
