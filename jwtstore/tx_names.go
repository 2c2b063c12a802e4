package jwtstore

import (
	"path"
	"strings"

	"nkeep/internal/safefile"
)

// accountNames finds the accounts of one operator whatever the case of their
// names: those that a transaction has staged and, once listed, those on disk.
type accountNames struct {
	listed bool
	like   map[string][]string // by folded name
}

// fold makes names equal that differ in case alone.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

func (n *accountNames) add(name string) { n.like[fold(name)] = append(n.like[fold(name)], name) }

// list reads the directory of accounts once: a batch of thousands costs no more than one.
func (n *accountNames) list(dir *safefile.Dir, operator string) error {
	if n.listed {
		return nil
	}
	entries, err := dir.List(path.Join(operator, accountsDir))
	if err != nil {
		return err
	}
	for _, e := range entries {
		n.add(e.Name())
	}
	n.listed = true
	return nil
}

func (t *Tx) accountNames(operator string) *accountNames {
	n, ok := t.names[operator]
	if !ok {
		n = &accountNames{like: map[string][]string{}}
		if t.names == nil {
			t.names = map[string]*accountNames{}
		}
		t.names[operator] = n
	}
	return n
}
