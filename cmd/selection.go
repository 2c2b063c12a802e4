package cmd

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"nkeep/jwtstore"
)

// choose reads what is selected, and where the stores are: a flag rules, then
// what was saved, then the working directory. NSC_CWD_ONLY leaves out what was saved.
func (w *workspace) choose() error {
	a := w.app
	fixed := a.flags.allDirs != "" || a.flags.dataDir != ""
	if a.isSet("NSC_CWD_ONLY") {
		if !fixed {
			w.adopt(storeAround(a.env.Dir), "the working directory, by NSC_CWD_ONLY")
		}
		return nil
	}
	saved, ok, err := w.settings.Load()
	if err != nil {
		return err
	}
	if ok && saved.StoreRoot != "" && !fixed {
		w.places.Stores = place{saved.StoreRoot, "store_root in " + w.settings.Path()}
	}
	if saved.Operator != "" {
		w.selected, w.why = saved, "saved in "+w.settings.Path()
		return nil
	}
	if !fixed && !ok {
		w.adopt(storeAround(a.env.Dir), "the working directory")
	}
	return nil
}

func (w *workspace) adopt(found jwtstore.Selection, why string) {
	if found.StoreRoot == "" {
		return
	}
	w.places.Stores = place{found.StoreRoot, why}
	w.selected, w.why = found, why
}

// storeAround finds the store that dir lies in: dir or a directory above it is
// an operator's, or dir holds one.
func storeAround(dir string) jwtstore.Selection {
	for p := dir; ; p = filepath.Dir(p) {
		if isOperatorDir(p) {
			sel := jwtstore.Selection{StoreRoot: filepath.Dir(p), Operator: filepath.Base(p)}
			if rel, err := filepath.Rel(filepath.Join(p, "accounts"), dir); err == nil && filepath.IsLocal(rel) && rel != "." {
				for filepath.Dir(rel) != "." {
					rel = filepath.Dir(rel)
				}
				sel.Account = rel
			}
			return sel
		}
		if filepath.Dir(p) == p {
			break
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return jwtstore.Selection{}
	}
	for _, e := range entries {
		if isOperatorDir(filepath.Join(dir, e.Name())) {
			return jwtstore.Selection{StoreRoot: dir}
		}
	}
	return jwtstore.Selection{}
}

func isOperatorDir(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, ".nsc"))
	return err == nil && info.Mode().IsRegular()
}

// openStore opens the workspace and the store of an operator, whose token it
// does not read.
func (a *app) openStore(ctx context.Context, operator string) (*workspace, *jwtstore.Store, error) {
	w, err := a.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	store, err := w.operatorStore(operator)
	return w, store, err
}

// operatorStore is the store of the named operator, of the selected one, or of
// the only one there is.
func (w *workspace) operatorStore(name string) (*jwtstore.Store, error) {
	if name != "" {
		store, err := w.root.Operator(name)
		return store, withHint(err, "list operators with: nkeep list operators")
	}
	if sel := w.selected.Operator; sel != "" {
		store, err := w.root.Operator(sel)
		if !errors.Is(err, fs.ErrNotExist) {
			return store, err
		}
	}
	names, err := w.root.Operators()
	if err != nil {
		return nil, err
	}
	switch len(names) {
	case 0:
		return nil, withHint(missingf("operator: there is none in %q", w.places.Stores.Path), "add one with: nkeep add operator NAME; if there should be one, see: nkeep doctor")
	case 1:
		return w.root.Operator(names[0])
	}
	return nil, withHint(usagef("operator: there are %d, and none is selected", len(names)), "select one with: nkeep select operator NAME")
}

// accountName is the name of the account that was named, by name or public
// key, of the selected one, or of the only one there is.
func (w *workspace) accountName(store *jwtstore.Store, named string) (string, error) {
	if named != "" {
		return findAccount(store, named)
	}
	if w.selected.Operator == store.Name && w.selected.Account != "" {
		_, err := store.Account(w.selected.Account)
		if !errors.Is(err, fs.ErrNotExist) {
			return w.selected.Account, nil
		}
	}
	items, err := store.AccountNames()
	if err != nil {
		return "", err
	}
	switch len(items) {
	case 0:
		return "", withHint(missingf("account: operator %q has none", store.Name), "add one with: nkeep add account NAME")
	case 1:
		return items[0], nil
	}
	return "", withHint(usagef("account: operator %q has %d, and none is selected", store.Name, len(items)),
		"name one with -a NAME, or select one with: nkeep select account NAME")
}

// userName is the user that was named, or the only one there is.
func userName(store *jwtstore.Store, account, named string) (string, error) {
	if named != "" {
		return named, nil
	}
	names, err := store.UserNames(account)
	if err != nil {
		return "", err
	}
	switch len(names) {
	case 0:
		return "", withHint(missingf("user: account %q has none", account), "add one with: nkeep add user -a %q NAME", account)
	case 1:
		return names[0], nil
	}
	return "", withHint(usagef("user: account %q has %d, and none is named", account, len(names)), "list them with: nkeep list users -a %q", account)
}
