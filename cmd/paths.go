package cmd

import (
	"os"
	"path/filepath"
	"strings"
)

// place is a directory and the reason why it is the one.
type place struct {
	Path string `json:"path"`
	Why  string `json:"why"`
}

// places are the directories of a run. Which ones they are follows nsc's own
// rule, so that both tools find one store; only where nothing exists yet and
// nothing is said does nkeep begin at ~/.nsc and ~/.nkeys, which nsc finds too.
type places struct {
	Config place `json:"config"`
	Stores place `json:"stores"`
	Keys   place `json:"keystore"`
}

const (
	whyNew    = "nothing exists yet, so this is where it will begin"
	whyHome   = "exists, and nsc's XDG directory does not"
	whyXDG    = "nsc's XDG directory exists"
	whyXDGSet = "the environment variable %s is set"
)

func (a *app) places() places {
	if dir := a.flags.allDirs; dir != "" {
		all := place{a.path(dir), "the flag --all-dirs"}
		return places{all, all, all}
	}
	return places{Config: a.configPlace(), Stores: a.storesPlace(), Keys: a.keysPlace()}
}

func (a *app) configPlace() place {
	if dir := a.flags.configDir; dir != "" {
		return place{a.path(dir), "the flag --config-dir"}
	}
	if dir := a.getenv("NSC_HOME"); dir != "" {
		return place{a.path(dir), "the environment variable NSC_HOME"}
	}
	return a.fromHome("XDG_CONFIG_HOME", ".config", filepath.Join("nats", "nsc"), "nsc.json", ".nsc", "nsc.json")
}

func (a *app) storesPlace() place {
	if dir := a.flags.dataDir; dir != "" {
		return place{a.path(dir), "the flag --data-dir"}
	}
	return a.fromHome("XDG_DATA_HOME", filepath.Join(".local", "share"), filepath.Join("nats", "nsc", "stores"), "", filepath.Join(".nsc", "nats"), "")
}

func (a *app) keysPlace() place {
	if dir := a.flags.keystoreDir; dir != "" {
		return place{a.path(dir), "the flag --keystore-dir"}
	}
	if dir := a.getenv("NKEYS_PATH"); dir != "" {
		return place{a.path(dir), "the environment variable NKEYS_PATH"}
	}
	return a.fromHome("XDG_DATA_HOME", filepath.Join(".local", "share"), filepath.Join("nats", "nsc", "keys"), "", ".nkeys", "")
}

// fromHome chooses between the XDG directory base/sub and the older one in the
// home directory; each counts as existing when probe exists in it.
func (a *app) fromHome(variable, base, sub, xdgProbe, old, oldProbe string) place {
	dir := a.getenv(variable)
	set := dir != ""
	if !set {
		dir = filepath.Join(a.home(), base)
	}
	xdg, home := filepath.Join(a.path(dir), sub), filepath.Join(a.home(), old)
	switch {
	case exists(filepath.Join(xdg, xdgProbe)):
		return place{xdg, whyXDG}
	case exists(filepath.Join(home, oldProbe)):
		return place{home, whyHome}
	case set:
		return place{xdg, strings.Replace(whyXDGSet, "%s", variable, 1)}
	}
	return place{home, whyNew}
}

func (a *app) home() string {
	if home := a.getenv("HOME"); home != "" {
		return home
	}
	if home := a.getenv("USERPROFILE"); home != "" {
		return home
	}
	return a.env.Dir
}

// path makes a path that somebody gave absolute; ~ is the home directory.
func (a *app) path(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		return filepath.Join(a.home(), p[1:])
	}
	if filepath.IsAbs(p) {
		return filepath.Clean(p)
	}
	return filepath.Join(a.env.Dir, p)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
