package claims

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// maxRole is the size in bytes of the longest name of a role.
const maxRole = 200

// ScopeEdit changes the scope of a signing key: a role and what the users may do
// that the key signs. A plain key gets a scope, and a key that the account does
// not have is added to it. A nil field leaves its value alone. There is no way
// back to a plain key: its users carry no limits of their own, so that the key
// has to go with its scope, by AccountEdit.SigningKeys.
type ScopeEdit struct {
	// From is another signing key of the account, whose template and description
	// the scope begins with. Then the key must not have a scope yet.
	From string `json:"from,omitempty"`
	// Role names the scope, and no other of the account.
	Role *string `json:"role,omitempty"`
	// Description has at most jwt.MaxInfoLength bytes; "" removes it.
	Description *string `json:"description,omitempty"`
	// Template is what users may do. Its subjects may have template functions of
	// nats-server, such as {{name()}}. A limit of 0 is refused: tokens leave it
	// out, and what is left out reads as unlimited.
	Template UserLimitsEdit `json:"template,omitzero"`
}

// Empty reports whether the edit changes nothing about a key that has a scope.
func (e ScopeEdit) Empty() bool {
	return e.From == "" && e.Role == nil && e.Description == nil && e.Template.Empty()
}

// applyScopes edits scopes by signing key. The scopes of c stay as they are, and
// others take their places.
func applyScopes(edits map[string]ScopeEdit, c *jwt.AccountClaims) error {
	if len(edits) == 0 {
		return nil
	}
	next := jwt.SigningKeys{}
	maps.Copy(next, c.SigningKeys)
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(edits)) {
		if _, err := signingKeyOf(c.Subject, nkeys.PrefixByteAccount)(key); err != nil {
			errs = append(errs, err)
			continue
		}
		scope, err := edits[key].apply(c, key)
		if err != nil {
			errs = append(errs, fmt.Errorf("signing key %q: %w", key, err))
			continue
		}
		next[key] = scope
	}
	was := c.SigningKeys
	c.SigningKeys = next
	for _, key := range slices.Sorted(maps.Keys(edits)) {
		if role := edits[key].Role; role != nil {
			errs = append(errs, uniqueRole(c, key, *role))
		}
	}
	err := errors.Join(errs...)
	if err != nil {
		c.SigningKeys = was
	}
	return err
}

// uniqueRole refuses a role that another signing key than the one edited has.
func uniqueRole(c *jwt.AccountClaims, key, role string) error {
	others := slices.DeleteFunc(KeysOfRole(c, role), func(k string) bool { return k == key })
	if len(others) > 0 {
		return fmt.Errorf("role %q: %w, of the signing key %s", clip(role), ErrPresent, others[0])
	}
	return nil
}

// apply returns the scope of the key as edited.
func (e ScopeEdit) apply(c *jwt.AccountClaims, key string) (*jwt.UserScope, error) {
	scope, err := e.begin(c, key)
	if err != nil {
		return nil, err
	}
	if e.Role != nil {
		scope.Role = *e.Role
		err = checkRole(scope.Role)
	}
	err = errors.Join(
		err,
		setParsed(&scope.Description, e.Description, parseDescription),
		refuseZeros(e.Template),
		checkTemplates(e.Template.Permissions),
		e.Template.apply(&scope.Template),
	)
	return scope, err
}

// begin returns a copy of the scope that the edit starts from.
func (e ScopeEdit) begin(c *jwt.AccountClaims, key string) (*jwt.UserScope, error) {
	scope, scoped := ScopeOf(c, key)
	if e.From != "" {
		if scoped {
			return nil, fmt.Errorf("has the role %q, whose place a copy cannot take", scope.Role)
		}
		if scope, scoped = ScopeOf(c, e.From); !scoped {
			return nil, fmt.Errorf("scope of the signing key %q: %w", clip(e.From), ErrAbsent)
		}
	}
	next := jwt.NewUserScope()
	if scoped {
		*next = *scope
	}
	next.Key = key
	if e.From != "" {
		next.Role = ""
	}
	return next, nil
}

// checkRole refuses what could not be typed where a role or a key may stand.
func checkRole(role string) error {
	switch {
	case role == "":
		return errors.New("role: is empty")
	case len(role) > maxRole:
		return fmt.Errorf("role %q: is longer than %d bytes", clip(role), maxRole)
	case !utf8.ValidString(role) || strings.ContainsFunc(role, unicode.IsControl):
		return fmt.Errorf("role %q: contains a control character or is not UTF-8", role)
	case strings.TrimSpace(role) != role:
		return fmt.Errorf("role %q: begins or ends with a blank", role)
	case nkeys.IsValidPublicKey(role):
		return fmt.Errorf("role %q: is a key", role)
	}
	return nil
}

func refuseZeros(e UserLimitsEdit) error {
	var errs []error
	for _, l := range []struct {
		name  string
		value *int64
	}{{"payload", e.Payload}, {"data", e.Data}, {"subs", e.Subs}} {
		if l.value != nil && *l.value == 0 {
			errs = append(errs, fmt.Errorf("limit %q: 0 cannot be said in the template of a role: tokens leave it out, and what is left out reads as unlimited; deny subjects instead", l.name))
		}
	}
	return errors.Join(errs...)
}

// checkTemplates refuses template functions that nats-server does not know: it
// would refuse every user of the role.
func checkTemplates(e PermissionsEdit) error {
	var errs []error
	for _, s := range slices.Concat(e.AllowPub, e.DenyPub, e.AllowSub, e.DenySub, e.AllowPubSub, e.DenyPubSub) {
		for rest := s; ; {
			_, after, opened := strings.Cut(rest, "{{")
			call, after, closed := strings.Cut(after, "}}")
			if !opened || !closed {
				break
			}
			if !isTemplate(call) {
				errs = append(errs, fmt.Errorf("subject %q: {{%s}} is no template function: want name(), subject(), account-name(), account-subject(), tag(NAME) or account-tag(NAME)", clip(s), clip(call)))
			}
			rest = after
		}
	}
	return errors.Join(errs...)
}

func isTemplate(call string) bool {
	call = strings.TrimSpace(call)
	name, argument, ok := strings.Cut(call, "(")
	argument, closed := strings.CutSuffix(argument, ")")
	if name == "tag" || name == "account-tag" {
		return ok && closed && argument != ""
	}
	switch strings.ToLower(name) {
	case "name", "subject", "account-name", "account-subject":
		return ok && closed && argument == ""
	}
	return false
}
