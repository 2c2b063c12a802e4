package testscripts

import (
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// cmdMode checks the permissions of files and directories.
//
//	cmpmode 600 home/.nsc/nsc.json
func cmdMode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: cmpmode mode path...")
	}
	for _, name := range args[1:] {
		info, err := os.Lstat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%o", info.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s: has mode %s, not %s", name, got, args[0])
		}
	}
}

// cmdTree prints the mode and path of everything below a directory, and with
// -sum a hash of each file, to be compared with a later tree. Locks are left
// out: they hold nothing, and reading may create them.
func cmdTree(ts *testscript.TestScript, neg bool, args []string) {
	sum := len(args) > 0 && args[0] == "-sum"
	if sum {
		args = args[1:]
	}
	if neg || len(args) != 1 {
		ts.Fatalf("usage: tree [-sum] dir")
	}
	root, out := ts.MkAbs(args[0]), ts.Stdout()
	ts.Check(filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.Name() == ".nkeep" {
			return lockOnly(path)
		}
		info, err := e.Info()
		if err != nil || path == root {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%o %s", info.Mode().Perm(), filepath.ToSlash(rel))
		if sum && info.Mode().IsRegular() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %x", sha256.Sum256(data))
		}
		_, err = fmt.Fprintln(out, line)
		return err
	}))
}

// lockOnly makes sure that a directory of nkeep's own holds no leftovers.
func lockOnly(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != "lock" {
			return fmt.Errorf("%s: was left behind", filepath.Join(dir, e.Name()))
		}
	}
	return fs.SkipDir
}

// cmdYAML checks that a file is YAML. Plain text is, too, so that it must be a
// mapping, or a list of them.
func cmdYAML(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: yamlcheck file")
	}
	var doc map[string]any
	err := yaml.NewDecoder(strings.NewReader(ts.ReadFile(args[0]))).Decode(&doc)
	if neg != (err != nil) {
		ts.Fatalf("%s: %v", args[0], err)
	}
}
