package claims

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Profile is what a profile URL asks for. What it does not name is nil.
type Profile struct {
	Operator, Account, User *ProfilePart
	// Store and Keystore are directories to look into instead of the usual ones.
	Store, Keystore string
	// Unknown are the words of the query that mean nothing, sorted.
	Unknown []string
}

// ProfilePart is what a profile URL asks for of one entity.
type ProfilePart struct {
	NameOrKey       string
	Name, Key, Seed bool
	// SeedOf is the public key whose seed is meant, if not that of the entity.
	SeedOf string
}

// Empty reports whether nothing is asked for.
func (p *ProfilePart) Empty() bool { return p == nil || !p.Name && !p.Key && !p.Seed }

// maxProfile is far longer than three names and two paths.
const maxProfile = 16 << 10

// ParseProfile reads a profile URL, nsc://OPERATOR/ACCOUNT/USER?…, of which account
// and user may be left out. The three are names or public keys, in which a character
// may stand as itself or percent-encoded; / and ? have to be encoded.
//
// Words of the query ask for what a profile is to hold: names, keys and seeds of all
// that are named, and name, too; operatorName, accountKey, userSeed and their like of
// one; key and seed of the last. A seed may be that of another key: accountSeed=A….
// Words count in any case; their values, such as the paths of store and keystore, are
// as they are.
func ParseProfile(s string) (p Profile, err error) {
	if err := p.parse(s); err != nil {
		return Profile{}, fmt.Errorf("profile URL %q: %w", clip(s), err)
	}
	return p, nil
}

func (p *Profile) parse(s string) error {
	const scheme = "nsc://"
	if len(s) > maxProfile {
		return fmt.Errorf("is longer than %d bytes", maxProfile)
	}
	if len(s) < len(scheme) || !strings.EqualFold(s[:len(scheme)], scheme) {
		return errors.New("does not begin with nsc://")
	}
	path, query, _ := strings.Cut(s[len(scheme):], "?")
	if err := p.path(path); err != nil {
		return err
	}
	return p.query(query)
}

func (p *Profile) path(path string) error {
	names := strings.Split(strings.TrimSuffix(path, "/"), "/")
	parts := []**ProfilePart{&p.Operator, &p.Account, &p.User}
	if len(names) > len(parts) {
		return errors.New("names more than an operator, an account and a user")
	}
	for i, name := range names {
		name, err := url.PathUnescape(name)
		if err != nil {
			return fmt.Errorf("%w: write %%25 for a percent sign", err)
		}
		if name == "" {
			return fmt.Errorf("does not name the %s", levels()[i])
		}
		*parts[i] = &ProfilePart{NameOrKey: name}
	}
	return nil
}

// levels are the kinds of entities, from the top, as words of the query begin.
func levels() []string { return []string{"operator", "account", "user"} }

func (p *Profile) query(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return err
	}
	given := map[string]string{}
	for _, word := range sortedWords(values) {
		low, list := strings.ToLower(word), values[word]
		if _, twice := given[low]; twice || len(list) > 1 {
			return fmt.Errorf("asks for %q twice", low)
		}
		given[low] = list[0]
		known, err := p.word(low, list[0])
		if err != nil {
			return err
		}
		if !known {
			p.Unknown = append(p.Unknown, word)
		}
	}
	return nil
}

func sortedWords(values url.Values) []string {
	words := make([]string, 0, len(values))
	for word := range values {
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}

// word takes one word of the query, in lower case, and its value.
func (p *Profile) word(word, value string) (known bool, err error) {
	if word == "store" || word == "keystore" {
		if value == "" {
			return true, fmt.Errorf("%s: is empty", word)
		}
		if word == "store" {
			p.Store = value
		} else {
			p.Keystore = value
		}
		return true, nil
	}
	parts, what := p.asked(word)
	if what == "" {
		return false, nil
	}
	if len(parts) == 0 {
		return true, fmt.Errorf("asks for %q, and does not name one", word)
	}
	on, key, err := profileValue(value)
	if err != nil || key != "" && (what != "seed" || len(parts) > 1) {
		return true, fmt.Errorf("%s: %q is not a value it can have", word, clip(value))
	}
	for _, part := range parts {
		part.set(what, on, key)
	}
	return true, nil
}

// asked says of which entities a word asks for a name, a key or a seed.
func (p *Profile) asked(word string) (parts []*ProfilePart, what string) {
	all := slices.DeleteFunc([]*ProfilePart{p.Operator, p.Account, p.User}, func(part *ProfilePart) bool { return part == nil })
	kinds := []string{"name", "key", "seed"}
	if what, many := strings.CutSuffix(word, "s"); slices.Contains(kinds, what) && (many || what == "name") {
		return all, what // one name is as many names in nsc; one seed is one here
	}
	if slices.Contains(kinds, word) {
		return all[len(all)-1:], word
	}
	for i, level := range levels() {
		if what, ok := strings.CutPrefix(word, level); ok && slices.Contains(kinds, what) {
			return all[min(i, len(all)):min(i+1, len(all))], what
		}
	}
	return nil, ""
}

// profileValue reads the value of a word: nothing or a switch, or a public key.
func profileValue(value string) (on bool, key string, err error) {
	switch strings.ToLower(value) {
	case "", "true", "1":
		return true, "", nil
	case "false", "0":
		return false, "", nil
	}
	if len(value) != 56 || strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") != "" {
		return false, "", errors.New("is neither a switch nor a public key")
	}
	return true, value, nil
}

func (p *ProfilePart) set(what string, on bool, key string) {
	switch what {
	case "name":
		p.Name = p.Name || on
	case "key":
		p.Key = p.Key || on
	default:
		p.Seed = p.Seed || on
		if key != "" {
			p.SeedOf = key
		}
	}
}
