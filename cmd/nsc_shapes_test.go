package cmd

import (
	"slices"
	"strings"
	"testing"
)

// nscHiddenFlags are flags that nsc takes and does not show. Scripts use them all
// the same.
func nscHiddenFlags() map[string]string {
	return map[string]string{
		"add account":      "max-responses",
		"add user":         "max-responses",
		"edit account":     "consumer disk-storage host-cluster-traffic max-responses mem-storage streams",
		"edit user":        "max-responses",
		"edit signing-key": "max-responses",
		"generate config":  "dir nkey",
		"rename account":   "OK",
		"tool req":         "encrypt",
		"tool sub":         "encrypt max-messages",
		"req":              "encrypt",
		"sub":              "encrypt max-messages",
	}
}

// nscSwitches are the flags of nsc that take no value unless it is given with =.
// One that took the next word instead would swallow an argument.
func nscSwitches() map[string]string {
	const permissions = " allow-pub-response"
	return map[string]string{
		"":                           "interactive",
		"add export":                 "advertise allow-trace private service",
		"add import":                 "allow-trace service share",
		"add operator":               "force generate-signing-key sys",
		"add account":                permissions,
		"add user":                   "bearer" + permissions,
		"delete account":             "force revoke rm-creds rm-nkey",
		"delete user":                "revoke rm-creds rm-nkey",
		"describe account":           "json long-ids raw",
		"edit account":               "disallow-bearer host-cluster-traffic js-disable js-max-bytes-required rm-response-perms wildcard-exports" + permissions,
		"edit authcallout":           "disable rm-curve",
		"edit export":                "allow-trace private rm-latency-sampling service",
		"edit operator":              "require-signing-keys rm-account-jwt-server-url",
		"edit signing-key":           "bearer rm-response-perms" + permissions,
		"edit user":                  "bearer rm-response-perms" + permissions,
		"expirations":                "json skip",
		"export keys":                "accounts all curves force include-jwts not-referenced operator remove users",
		"fix":                        "creds",
		"generate activation":        "push",
		"migrate":                    "force",
		"generate config":            "force mem-resolver nats-resolver nats-resolver-cache nkey",
		"generate diagram object":    "detail show-keys users",
		"generate nkey":              "account curve operator store user",
		"import account":             "force overwrite skip",
		"import keys":                "recurse",
		"import user":                "overwrite skip",
		"list accounts":              "json",
		"list keys":                  "accounts all curve json not-referenced operator show-seeds users",
		"pull":                       "all overwrite-newer tls-first",
		"push":                       "all diff force prune tls-first",
		"reissue operator":           "convert-to-signing-key",
		"rename account":             "OK",
		"revocations add-activation": "service",
		"tool req":                   "encrypt tls-first",
		"validate":                   "all-accounts",
	}
}

// TestHiddenFlagsOfNsc checks that the flags are there that nsc does not show.
func TestHiddenFlagsOfNsc(t *testing.T) {
	t.Parallel()
	for path, flags := range nscHiddenFlags() {
		c := find(t, path)
		for name := range strings.FieldsSeq(flags) {
			if c.Flags().Lookup(name) == nil {
				t.Errorf("%s: has no --%s, as nsc has", c.CommandPath(), name)
			}
		}
	}
}

// TestSwitchesOfNsc checks that a flag takes no value where in nsc it takes none.
func TestSwitchesOfNsc(t *testing.T) {
	t.Parallel()
	for path, flags := range nscSwitches() {
		c := find(t, path)
		for name := range strings.FieldsSeq(flags) {
			switch f := c.Flags().Lookup(name); {
			case f == nil:
				t.Errorf("%s: has no --%s, as nsc has", c.CommandPath(), name)
			case !slices.Contains([]string{"true", "1"}, f.NoOptDefVal):
				t.Errorf("%s --%s: needs a value, which it does not in nsc", c.CommandPath(), name)
			}
		}
	}
}

// TestArgumentsOfNsc checks that commands take as many arguments as they do in nsc.
func TestArgumentsOfNsc(t *testing.T) {
	t.Parallel()
	for args, paths := range map[string][]string{
		"": {
			"add export", "add import", "add mapping", "delete export", "delete import", "delete mapping", "edit operator", "edit export", "env", "expirations", "export keys",
			"generate activation", "generate config", "generate context", "generate creds", "generate nkey", "import account", "import keys", "import user", "init",
			"keys migrate", "list accounts", "list keys", "list operators", "list users", "load", "migrate", "pull", "push", "reissue operator", "revocations add-activation",
			"revocations add-user", "revocations delete-activation", "revocations delete-user", "revocations list-activations", "revocations list-users", "test flags", "test nkey", "tool rtt", "update", "validate",
		},
		"x": {
			"add account", "add operator", "add user", "delete account", "delete user", "describe account", "describe operator", "describe user", "edit account",
			"edit authcallout", "edit signing-key", "edit user", "generate profile", "select account", "select operator", "test doc", "test whoflag", "tool pub", "tool reply", "tool req", "tool sub",
		},
		"x y": {"rename account", "tool pub", "tool req", "tool reply"},
	} {
		for _, path := range paths {
			c := find(t, path)
			if err := c.ValidateArgs(strings.Fields(args)); err != nil {
				t.Errorf("%s %s: %v", c.CommandPath(), args, err)
			}
		}
	}
}
