package jwtstore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"nkeep/internal/safefile"
)

// Selection is the operator and account that commands use when none is named,
// and where the stores are, as both tools save it in nsc.json.
type Selection struct {
	StoreRoot string // absolute; empty for the default
	Operator  string
	Account   string
}

// Settings is the configuration directory, which holds the saved [Selection].
type Settings struct{ dir *safefile.Dir }

// OpenSettings names the configuration directory. It does not touch the disk.
func OpenSettings(dir string, o Options) (*Settings, error) {
	d, err := safefile.At(dir, o)
	if err != nil {
		return nil, fmt.Errorf("configuration directory: %w", err)
	}
	return &Settings{dir: d}, nil
}

// Dir is the directory, to make it part of a transaction with others.
func (s *Settings) Dir() *safefile.Dir { return s.dir }

// Path is the absolute path of the file.
func (s *Settings) Path() string { return s.dir.Path(contextFile) }

// Load reads the saved selection; saved is false when there is none yet.
func (s *Settings) Load() (sel Selection, saved bool, err error) {
	fields, err := s.fields()
	if err != nil || fields == nil {
		return Selection{}, false, err
	}
	for key, to := range map[string]*string{"store_root": &sel.StoreRoot, "operator": &sel.Operator, "account": &sel.Account} {
		if raw, ok := fields[key]; ok {
			if err := json.Unmarshal(raw, to); err != nil {
				return Selection{}, false, fmt.Errorf("file %q: field %q is not a string: mend or remove the file", s.Path(), key)
			}
		}
	}
	if sel.StoreRoot != "" && !filepath.IsAbs(sel.StoreRoot) {
		return Selection{}, false, fmt.Errorf("file %q: store_root %q is not an absolute path: mend or remove the file", s.Path(), sel.StoreRoot)
	}
	return sel, true, nil
}

// Mentions reports whether the file has a word in it, however broken it is.
func (s *Settings) Mentions(word string) bool {
	f, err := s.dir.Read(contextFile, maxContext)
	return err == nil && bytes.Contains(f.Data, []byte(word))
}

func (s *Settings) fields() (map[string]json.RawMessage, error) {
	f, err := s.dir.Read(contextFile, maxContext)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if errors.Is(err, safefile.ErrTooLarge) {
		return nil, fmt.Errorf("%w: mend it, or remove it to start with defaults", err)
	}
	if err != nil {
		return nil, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(f.Data, &fields); err != nil {
		return nil, fmt.Errorf("file %q: is not valid JSON: mend it, or remove it to start with defaults", s.Path())
	}
	return fields, nil
}

// Stage puts a selection into a transaction whose directories include
// [Settings.Dir]. What else the file holds stays; a new file gets what nsc
// expects to find, its time of the last update check being now (Unix seconds).
func (s *Settings) Stage(tx *safefile.Tx, sel Selection, now int64) error {
	fields, err := s.fields()
	if err != nil {
		return err
	}
	if fields == nil {
		fields = map[string]json.RawMessage{"github_updates": json.RawMessage(`"nats-io/nsc"`), "last_update": fmt.Append(nil, now)}
	}
	for key, value := range map[string]string{"store_root": sel.StoreRoot, "operator": sel.Operator, "account": sel.Account} {
		raw, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("field %q: %w", key, err)
		}
		fields[key] = raw
	}
	data, err := json.Marshal(ordered(fields))
	if err != nil {
		return fmt.Errorf("file %q: %w", s.Path(), err)
	}
	tx.Put(safefile.Settings, s.dir, contextFile, data)
	return nil
}
