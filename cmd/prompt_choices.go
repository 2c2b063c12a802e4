package cmd

import (
	"errors"
	"slices"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
)

// offer makes options of what completion completes.
func offer(list namer) func(*dialogue) ([]option, error) {
	return func(d *dialogue) ([]option, error) {
		names, err := list(d.w, d.c, "")
		return toOptions(names), err
	}
}

// ifKnown offers what may be elsewhere: that it cannot be looked at here is no
// reason not to ask.
func ifKnown(list func(*dialogue) ([]option, error)) func(*dialogue) ([]option, error) {
	return func(d *dialogue) ([]option, error) {
		options, err := list(d)
		if err != nil {
			return nil, nil //nolint:nilerr // whoever answers knows what is not in the store
		}
		return options, nil
	}
}

func fixed(values ...string) func(*dialogue) ([]option, error) {
	return func(*dialogue) ([]option, error) { return toOptions(values), nil }
}

func toOptions(values []string) []option {
	options := make([]option, len(values))
	for i, v := range values {
		options[i].value = v
	}
	return options
}

func always(answer string) func(*dialogue, []option) string {
	return func(*dialogue, []option) string { return answer }
}

// currentAccount is the account that is used when none is named.
func currentAccount(d *dialogue, _ []option) string {
	store, err := d.w.operatorStore("")
	if err != nil {
		return ""
	}
	name, err := d.w.accountName(store, "")
	if err != nil {
		return ""
	}
	return name
}

func currentOperator(d *dialogue, _ []option) string {
	store, err := d.w.operatorStore("")
	if err != nil {
		return ""
	}
	return store.Name
}

// newName refuses names that something new cannot have.
func newName(list namer) func(*dialogue, string) error {
	return func(d *dialogue, answer string) error {
		if _, err := d.app.newName(answer); err != nil {
			return err
		}
		if names, err := list(d.w, d.c, ""); err == nil && slices.Contains(names, answer) {
			return errors.New("exists already")
		}
		return nil
	}
}

// each checks the parts of a list.
func each(check func(string) error) func(*dialogue, string) error {
	return func(_ *dialogue, answer string) error {
		for _, part := range splitList(answer) {
			if err := check(part); err != nil {
				return err
			}
		}
		return nil
	}
}

// parsed checks what a flag alone does not.
func parsed[T any](parse func(string) (T, error)) func(string) error {
	return func(s string) error { _, err := parse(s); return err }
}

func single(check func(string) error) func(*dialogue, string) error {
	return func(_ *dialogue, answer string) error { return check(answer) }
}

// keyList are keys that may sign, and how each is offered.
type keyList func(*dialogue) (keys []string, about map[string]option, err error)

// signers offers the keys that may sign and whose seeds are stored, and to give
// another one where seeds are missing. It offers nothing when there is no choice.
func signers(candidates keyList) func(*dialogue) ([]option, error) {
	return func(d *dialogue) ([]option, error) {
		keys, about, err := candidates(d)
		if err != nil {
			return nil, nil //nolint:nilerr // the command says it better
		}
		var options []option
		missing := false
		for _, public := range keys {
			stored, err := d.w.ring.Has(public)
			if err != nil {
				return nil, err
			}
			missing = missing || !stored
			if stored {
				options = append(options, about[public])
			}
		}
		if missing {
			options = append(options, option{"-", "another: its seed, which is not shown"})
		}
		if len(options) == 1 && !missing {
			return nil, nil
		}
		return options, nil
	}
}

// storedFirst is the key that signs when none is named.
func storedFirst(_ *dialogue, options []option) string {
	if len(options) > 0 && options[0].value != "-" {
		return options[0].value
	}
	return ""
}

// operatorKeys are those of the operator, which sign it and its accounts.
func operatorKeys(d *dialogue) (keys []string, about map[string]option, err error) {
	oc, err := d.operatorClaims()
	if err != nil {
		return nil, nil, err
	}
	about = map[string]option{}
	for _, public := range oc.SigningKeys {
		about[public] = option{public, "signing key"}
	}
	about[oc.Subject] = option{oc.Subject, "identity key"}
	return claims.OperatorSigners(oc), about, nil
}

// accountKeys are those of the account, which sign its users and activations.
func (d *dialogue) userKeys(scopes bool) (keys []string, about map[string]option, err error) {
	oc, err := d.operatorClaims()
	if err != nil {
		return nil, nil, err
	}
	ac, err := d.accountClaims("account")
	if err != nil {
		return nil, nil, err
	}
	plain, scoped := claims.UserSigners(oc, ac)
	about = map[string]option{}
	for _, public := range plain {
		about[public] = option{public, "signing key"}
	}
	about[ac.Subject] = option{ac.Subject, "identity key"}
	if !scopes {
		return plain, about, nil
	}
	for _, public := range scoped {
		s, _ := claims.ScopeOf(ac, public)
		about[public] = option{public, "role " + s.Role}
		if s.Role != "" && len(claims.KeysOfRole(ac, s.Role)) == 1 {
			about[public] = option{s.Role, "a role, which decides what the user may do"}
		}
	}
	return append(plain, scoped...), about, nil
}

func (d *dialogue) operatorClaims() (*jwt.OperatorClaims, error) {
	store, err := d.w.flaggedStore(d.c)
	if err != nil {
		return nil, err
	}
	token, err := store.Operator()
	if err != nil {
		return nil, err
	}
	return jwt.DecodeOperatorClaims(token)
}

// accountClaims are those of the account that a flag names, or else of the current one.
func (d *dialogue) accountClaims(flag string) (*jwt.AccountClaims, error) {
	store, name, err := d.w.accountIn(d.c, flag)
	if err != nil {
		return nil, err
	}
	token, err := store.Account(name)
	if err != nil {
		return nil, err
	}
	return jwt.DecodeAccountClaims(token)
}

// ofOperator lists what claims hold of the operator.
func ofOperator(list func(*jwt.OperatorClaims) []string) namer {
	return func(w *workspace, c *cobra.Command, _ string) ([]string, error) {
		oc, err := (&dialogue{w: w, c: c}).operatorClaims()
		if err != nil {
			return nil, err
		}
		return list(oc), nil
	}
}
