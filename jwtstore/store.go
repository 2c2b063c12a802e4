package jwtstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"nkeep/internal/safefile"
)

// Kinds of entities, as errors and listings name them.
const (
	KindOperator = "operator"
	KindAccount  = "account"
	KindUser     = "user"
)

// EntityError says what is wrong with one operator, account or user. It wraps
// [fs.ErrNotExist] or [fs.ErrExist] when that is the matter.
type EntityError struct {
	Kind string
	Name string
	Err  error
}

func (e *EntityError) Error() string {
	problem := e.Err.Error()
	switch {
	case errors.Is(e.Err, fs.ErrNotExist):
		problem = "not found"
	case errors.Is(e.Err, fs.ErrExist):
		problem = "exists already"
	}
	return fmt.Sprintf("%s %q: %s", e.Kind, e.Name, problem)
}

// Unwrap gives the reason.
func (e *EntityError) Unwrap() error { return e.Err }

// Options reach the layer that changes files.
type Options = safefile.Options

// Root is a directory of stores: one sub-directory per operator. It need not
// exist before something is added.
type Root struct{ dir *safefile.Dir }

// Open names the stores directory. It does not touch the disk.
func Open(dir string, o Options) (*Root, error) {
	d, err := safefile.At(dir, o)
	if err != nil {
		return nil, fmt.Errorf("stores directory: %w", err)
	}
	return &Root{dir: d}, nil
}

// Dir is the directory, to make it part of a transaction with others.
func (r *Root) Dir() *safefile.Dir { return r.dir }

// Path is the absolute path of the stores directory.
func (r *Root) Path() string { return r.dir.Path() }

// marker is the content of an operator directory's .nsc file.
type marker struct {
	Managed bool   `json:"managed"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Version string `json:"version"`
}

// Operators lists the names of the operators, sorted. A directory is an
// operator's when its marker file is there.
func (r *Root) Operators() ([]string, error) {
	entries, err := r.dir.List(".")
	if err != nil {
		return nil, err
	}
	names := []string{}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		if _, err := r.dir.Stat(path.Join(e.Name(), markerFile)); err == nil {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Store is what one operator owns: its token, its accounts and their users.
type Store struct {
	Name    string // of the operator and its directory
	Managed bool   // the operator's key is kept by somebody else
	dir     *safefile.Dir
	root    *safefile.Dir // of all stores, where indexes are kept
}

// Operator opens the store of an operator. One that is not there is an
// [*EntityError] wrapping [fs.ErrNotExist].
func (r *Root) Operator(name string) (*Store, error) {
	if err := checkElements(KindOperator, name); err != nil {
		return nil, err
	}
	m, err := readMarker(r.dir, name)
	if err != nil {
		return nil, &EntityError{KindOperator, name, err}
	}
	dir, err := r.dir.Sub(name)
	if err != nil {
		return nil, &EntityError{KindOperator, name, err}
	}
	return &Store{Name: name, Managed: m.Managed, dir: dir, root: r.dir}, nil
}

func readMarker(root *safefile.Dir, operator string) (m marker, err error) {
	f, err := root.Read(path.Join(operator, markerFile), maxMarker)
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal(f.Data, &m); err != nil || m.Kind != KindOperator {
		return m, fmt.Errorf("file %q does not describe an operator", root.Path(operator, markerFile))
	}
	return m, nil
}

// findOperatorFile is where an operator's token lies, or would if it is nowhere: one
// that is named after its directory is the operator's, whatever the marker says.
func findOperatorFile(root *safefile.Dir, operator string) string {
	file := operatorFile(operator)
	if _, err := root.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return file
	}
	m, err := readMarker(root, operator)
	if err != nil || checkElements(KindOperator, m.Name) != nil {
		return file
	}
	marked := operatorFileAs(operator, m.Name)
	if _, err := root.Stat(marked); err != nil {
		return file
	}
	return marked
}

// Operator is the operator's token, not verified.
func (s *Store) Operator() (string, error) {
	token, err := s.token(KindOperator, s.Name, path.Base(operatorFile(s.Name)))
	if errors.Is(err, fs.ErrNotExist) {
		return s.token(KindOperator, s.Name, path.Base(findOperatorFile(s.root, s.Name)))
	}
	return token, err
}

// Account is the token of an account, not verified.
func (s *Store) Account(name string) (string, error) {
	if err := checkElements(KindAccount, name); err != nil {
		return "", err
	}
	return s.token(KindAccount, name, accountFile(name))
}

// User is the token of a user, not verified.
func (s *Store) User(account, name string) (string, error) {
	if err := checkElements(KindUser, account, name); err != nil {
		return "", err
	}
	return s.token(KindUser, name, userFile(account, name))
}

func (s *Store) token(kind, name, file string) (string, error) {
	f, err := s.dir.Read(file, maxToken)
	if err != nil {
		return "", &EntityError{kind, name, err}
	}
	return bare(f.Data), nil
}

// OperatorPath is where the operator's token lies.
func (s *Store) OperatorPath() string { return s.root.Path(findOperatorFile(s.root, s.Name)) }

// AccountPath is where an account's token lies.
func (s *Store) AccountPath(name string) string { return s.dir.Path(accountFile(name)) }

// UserPath is where a user's token lies.
func (s *Store) UserPath(account, name string) string { return s.dir.Path(userFile(account, name)) }

// AccountsPath is the directory that holds the accounts.
func (s *Store) AccountsPath() string { return s.dir.Path(accountsDir) }

// WatchPaths are the directories in which tokens of the operator and its
// accounts change: the store itself, and each account's.
func (s *Store) WatchPaths() ([]string, error) {
	names, err := s.AccountNames()
	if err != nil {
		return nil, err
	}
	paths := []string{s.dir.Path(), s.dir.Path(accountsDir)}
	for _, n := range names {
		paths = append(paths, s.dir.Path(accountDir(n)))
	}
	return paths, nil
}
