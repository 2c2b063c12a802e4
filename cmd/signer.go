package cmd

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// signer signs with one key. It is handed around in place of a seed, so that a
// key may live elsewhere one day.
type signer struct {
	public string
	sign   jwt.SignFn
}

// An nkeys pair works its private key out anew for each signature, which takes
// longer than the signature itself: here it is done once.
func signerOf(public string, kp nkeys.KeyPair) signer {
	private := sync.OnceValues(func() (ed25519.PrivateKey, error) { return privateKey(kp) })
	return signer{public, func(_ string, data []byte) ([]byte, error) {
		key, err := private()
		if err != nil {
			return nil, err
		}
		return ed25519.Sign(key, data), nil
	}}
}

func privateKey(kp nkeys.KeyPair) (ed25519.PrivateKey, error) {
	seed, err := kp.Seed()
	if err != nil {
		return nil, err
	}
	_, raw, err := nkeys.DecodeSeed(seed)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	return ed25519.NewKeyFromSeed(raw), nil
}

// encode signs new claims, which thereby get an iat and a jti.
func (s signer) encode(c jwt.Claims) (string, error) { return s.renew(c, "") }

// renew signs claims again that come from the token previous. What else that
// holds, which newer programs may have put there, is kept.
func (s signer) renew(c jwt.Claims, previous string) (string, error) {
	token, err := claims.Encode(c, previous, s.public, s.sign)
	if err != nil {
		return "", fmt.Errorf("sign %q: %w", c.Claims().Name, err)
	}
	return token, nil
}

// choice says which keys may sign something.
type choice struct {
	what       string   // that is to be signed, for messages
	candidates []string // in the order of nsc: the first whose seed is stored signs
	asked      []string // may sign too, but only when named by --private-key
	issuer     string   // of the present token; stays if it can
	roles      func(role string) []string
}

// signer picks the key to sign with. What --private-key names must be found and
// must be allowed to sign; without it the previous issuer stays as long as its
// seed is stored.
func (w *workspace) signer(c choice) (signer, error) {
	if value := w.app.flags.privateKey; value != "" {
		return w.namedSigner(value, c)
	}
	if slices.Contains(c.asked, c.issuer) || slices.Contains(c.candidates, c.issuer) {
		c.candidates = append([]string{c.issuer}, c.candidates...)
	}
	for _, public := range c.candidates {
		kp, err := w.ring.Get(public)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return signer{}, err
		}
		w.warnIssuer(c, public)
		return signerOf(public, kp), nil
	}
	if len(c.candidates) == 0 && len(c.asked) > 0 {
		return signer{}, withHint(fmt.Errorf("sign %s: no key may but those of roles, which sign when they are asked", c.what), "name a role with -K; see: nkeep describe account")
	}
	if len(c.candidates) == 0 {
		return signer{}, withHint(fmt.Errorf("sign %s: no key may", c.what), "add a signing key first: see nkeep edit account --help, nkeep edit operator --help")
	}
	return signer{}, withHint(fmt.Errorf("sign %s: the seed of none of its keys is in the keystore: %s", c.what, strings.Join(unique(c.candidates), ", ")),
		"give one with -K, as a seed or as a file that holds it")
}

// warnIssuer tells that somebody else will have issued an entity, and why.
func (w *workspace) warnIssuer(c choice, next string) {
	if c.issuer == "" || next == c.issuer {
		return
	}
	why := "may not sign it any more"
	if slices.Contains(c.candidates, c.issuer) {
		why = "has no seed in the keystore"
	}
	w.app.out.Warnf("%s is issued by %s from now on: %s, which issued it, %s", c.what, next, c.issuer, why)
}

func (w *workspace) namedSigner(value string, c choice) (signer, error) {
	keys, err := w.keysNamed(value, c)
	if err != nil {
		return signer{}, err
	}
	for _, k := range keys {
		if slices.Contains(c.candidates, k.public) || slices.Contains(c.asked, k.public) {
			return k, nil
		}
	}
	return signer{}, withHint(fmt.Errorf("sign %s: key %q may not", c.what, keys[0].public), "those that may: %s", strings.Join(unique(slices.Concat(c.candidates, c.asked)), ", "))
}

// keysNamed understands --private-key: a role first, then a key.
func (w *workspace) keysNamed(value string, c choice) ([]signer, error) {
	if c.roles != nil {
		var found []signer
		for _, public := range c.roles(value) {
			kp, err := w.ring.Get(public)
			if err != nil {
				return nil, fmt.Errorf("role %q: %w", value, err)
			}
			found = append(found, signerOf(public, kp))
		}
		if len(found) > 1 {
			return nil, usagef("role %q: %d signing keys have it: name the key instead", value, len(found))
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	public, kp, err := w.resolve(value)
	if err != nil {
		return nil, usageError{fmt.Errorf("--private-key: %w", err)}
	}
	if kp == nil {
		return nil, withHint(fmt.Errorf("key %q: is not in the keystore: %w", public, fs.ErrNotExist), "give its seed, or a file that holds it, instead")
	}
	return []signer{signerOf(public, kp)}, nil
}

// operatorSigner signs the operator itself, by its identity if that can be: whoever
// trusts an operator knows that key, and strictness is about what operators sign.
func (w *workspace) operatorSigner(o *operator) (signer, error) {
	if o.store.Managed && w.app.flags.privateKey == "" && !w.hasAny(claims.OperatorSigners(o.claims)) {
		return signer{}, withHint(fmt.Errorf("operator %q: is managed elsewhere, by whoever keeps its keys: only there can it be changed", o.store.Name),
			"take over what was changed there with: nkeep pull -A")
	}
	return w.signer(choice{
		what: fmt.Sprintf("operator %q", o.store.Name), candidates: append([]string{o.claims.Subject}, o.claims.SigningKeys...),
	})
}

// accountSigner signs an account of the operator.
func (w *workspace) accountSigner(o *operator, ac *jwt.AccountClaims) (signer, error) {
	issuer := ac.Issuer
	if o.store.Managed && !w.hasAny([]string{issuer}) {
		issuer = "" // signs after us; what became of that is told when it is known
	}
	return w.signer(choice{
		what: fmt.Sprintf("account %q", ac.Name), candidates: claims.AccountSigners(o.claims, ac, o.store.Managed), issuer: issuer,
	})
}

// checkKey refuses a --private-key that could not sign an account, where nothing is
// signed: it is a slip there, too.
func (w *workspace) checkKey(o *operator, ac *jwt.AccountClaims) error {
	if w.app.flags.privateKey == "" {
		return nil
	}
	_, err := w.accountSigner(o, ac)
	return err
}

// userSigner signs a user of the account. Scoped keys sign only when asked to.
func (w *workspace) userSigner(o *operator, ac *account, name, issuer string) (signer, error) {
	plain, scoped := claims.UserSigners(o.claims, ac.claims)
	return w.signer(choice{
		what: fmt.Sprintf("user %q", name), candidates: plain, asked: scoped, issuer: issuer,
		roles: func(role string) []string { return claims.KeysOfRole(ac.claims, role) },
	})
}

// storedSigner signs with the first of the keys whose seed is in the keystore, if
// there is one, whatever --private-key names.
func (w *workspace) storedSigner(publics []string) (by signer, ok bool, err error) {
	i := slices.IndexFunc(publics, func(public string) bool { ok, err := w.ring.Has(public); return ok && err == nil })
	if i < 0 {
		return signer{}, false, nil
	}
	kp, err := w.ring.Get(publics[i])
	if err != nil {
		return signer{}, false, err
	}
	return signerOf(publics[i], kp), true, nil
}

func unique(keys []string) []string {
	var out []string
	for _, k := range keys {
		if !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}
