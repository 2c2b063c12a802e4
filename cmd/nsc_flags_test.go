package cmd

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// nscFlags are nsc's flags by command, name/shorthand, as of nsc 2.13, some that
// it hides included. Scripts written for nsc call these.
func nscFlags() map[string]string {
	const (
		permissions = " allow-pub allow-pub-response allow-pubsub allow-sub deny-pub deny-pubsub deny-sub max-responses response-ttl"
		times       = " start expiry"
		client      = "account/a user/u"
		server      = " ca-cert client-cert client-key nats tls-curves tls-first"
		described   = " field/F json/J long-ids/W raw/R output-file/o"
	)
	return map[string]string{
		"": "all-dirs/H config-dir data-dir interactive/i keystore-dir private-key/K",

		"add operator": "force generate-signing-key name/n sys/s url/u" + times,
		"add account":  "name/n public-key/k" + permissions + times,
		"add user":     "account/a bearer name/n public-key/k source-network tag" + permissions + times,
		"add export": "account/a account-token-position advertise allow-trace latency name/n private/p response-threshold response-type sampling " +
			"service/r subject/s",

		"add import":    "account/a allow-trace local-subject/s name/n remote-subject service share src-account token/u",
		"delete import": "account/a src-account subject/s",

		"edit operator": "account-jwt-server-url/u require-signing-keys rm-account-jwt-server-url rm-service-url rm-sk rm-tag service-url/n sk system-account tag" + times,
		"edit account": "conns consumer data description disallow-bearer disk-storage exports host-cluster-traffic imports info-url js-consumer js-disable js-disk-storage js-enable " +
			"js-max-ack-pending js-max-bytes-required js-max-disk-stream js-max-mem-stream js-mem-storage js-streams js-tier leaf-conns " +
			"mem-storage name/n payload rm rm-js-tier rm-response-perms rm-sk rm-tag sk streams subscriptions tag trace-context-sampling trace-context-subject " +
			"wildcard-exports" + permissions + times,
		"edit user": "account/a bearer conn-type data locale name/n payload rm rm-conn-type rm-response-perms rm-source-network rm-tag rm-time " +
			"source-network subs tag time" + permissions + times,
		"edit signing-key": "account/a bearer conn-type data description locale payload rm rm-conn-type rm-response-perms rm-source-network rm-time role " +
			"sk source-network subs time" + permissions,
		"edit authcallout": "account/a allowed-account auth-user curve/x disable rm-allowed-account rm-auth-user rm-curve",
		"edit export": "account/a allow-trace description info-url latency name/n private/p response-threshold response-type " +
			"rm-latency-sampling sampling service/r subject/s",

		"delete export":  "account/a subject/s",
		"add mapping":    "account/a cluster from/f to/t weight",
		"delete mapping": "account/a cluster from/f to/t",

		"delete account": "force/F name/n revoke/R rm-creds/C rm-nkey/D",
		"delete user":    "account/a name/n revoke/R rm-creds/C rm-nkey/D",

		"rename account":   "OK",
		"reissue operator": "convert-to-signing-key name/n",

		"revocations add-user":    "account/a at name/n user-public-key/u",
		"revocations delete-user": "account/a name/n user-public-key/u",
		"revocations list-users":  "account/a",

		"revocations add-activation":    "account/a at service subject/s target-account/t",
		"revocations delete-activation": "account/a service subject/s target-account/t",
		"revocations list-activations":  "account/a service subject/s",

		"list operators": "json/J",
		"list accounts":  "json/J operator/o",
		"list users":     "json/J operator/o account/a",
		"export keys":    "account accounts/a all/A curve curves dir/d filter/f force/F include-jwts not-referenced operator/o remove/R user users/u",
		"import keys":    "dir/d recurse/R",
		"import account": "file/j force overwrite skip",
		"import user":    "file/f overwrite skip",
		"migrate":        "force/F operator-dir url/u",
		"upgrade-jwt":    "",

		"list keys": "account accounts/a all/A curve/x filter/f json/J not-referenced operator/o show-seeds/S user users/u",

		"describe operator": "name/n" + described,
		"describe account":  "name/n" + described,
		"describe user":     "name/n account/a" + described,
		"describe jwt":      "file/f" + described,

		"generate config":     "config-file dir force/F mem-resolver nats-resolver nats-resolver-cache nkey sys-account",
		"generate creds":      "account/a name/n output-file/o",
		"generate activation": "account/a output-file/o push subject/s target-account/t" + times,
		"generate nkey":       "account/a curve/x operator/o store/S user/u",
		"generate context":    "account/a context user/u",
		"generate profile":    "output-file/o",

		"generate diagram component": "detail output-file/o",
		"generate diagram object":    "detail output-file/o show-keys users",

		"tool pub":   client + server,
		"tool sub":   client + server + " encrypt/E max-messages queue/q",
		"tool req":   client + server + " encrypt/E",
		"tool reply": client + server + " max-messages queue/q",
		"tool rtt":   client + server,

		"pub":   client,
		"sub":   client + " encrypt/E max-messages queue/q",
		"req":   client + " encrypt/E",
		"reply": client + " max-messages queue/q",
		"rtt":   client,

		"env":             "account/a operator/o store/s",
		"update":          "version",
		"test nkey":       "account/a curve/x operator/o store/S user/u",
		"completion":      "no-descriptions",
		"load":            "profile seed url user",
		"init":            "dir/d name/n remote-operator/o url/u",
		"select operator": "",
		"select account":  "",
		"keys migrate":    "",
		"fix":             "creds in out",
		"expirations":     "json/J skip within/e",
		"validate":        "account/a all-accounts/A file/f",
		"pull":            "account/a all/A ca-cert client-cert client-key overwrite-newer/F system-account system-user tls-curves tls-first",
		"push": "account/a account-jwt-server-url/u account-removal/R all/A ca-cert client-cert client-key diff/D force/F prune/P " +
			"system-account system-user timeout tls-curves tls-first",
	}
}

// notTaken are the flags of nsc that are left out, and why.
func notTaken() map[string]string {
	return map[string]string{}
}

// TestFlagsOfNsc checks that every flag of nsc is there under the same name and
// shorthand, or is left out on purpose.
func TestFlagsOfNsc(t *testing.T) {
	t.Parallel()
	left := notTaken()
	for path, flags := range nscFlags() {
		c := find(t, path)
		for spec := range strings.FieldsSeq(flags) {
			name, shorthand, _ := strings.Cut(spec, "/")
			f := c.Flags().Lookup(name)
			switch why, ok := left[path+" "+name]; {
			case f == nil && !ok:
				t.Errorf("%s: has no --%s, as nsc has", c.CommandPath(), name)
			case f != nil && ok:
				t.Errorf("%s --%s: is there, though it is said to be left out: %s", c.CommandPath(), name, why)
			case f != nil && f.Shorthand != shorthand:
				t.Errorf("%s --%s: has the shorthand %q, in nsc %q", c.CommandPath(), name, f.Shorthand, shorthand)
			}
			delete(left, path+" "+name)
		}
	}
	for flag := range left {
		t.Errorf("%s: is no flag of nsc", flag)
	}
}

// TestAliasesOfNsc checks that the other names of a command lead to it.
func TestAliasesOfNsc(t *testing.T) {
	t.Parallel()
	for alias, path := range map[string]string{
		"create user":   "add user",
		"list operator": "list operators",
		"list account":  "list accounts",
		"list user":     "list users",
		"list key":      "list keys",

		"revocations add_user":    "revocations add-user",
		"revocations delete_user": "revocations delete-user",
		"revocations list_users":  "revocations list-users",

		"revocations add_activation":    "revocations add-activation",
		"revocations delete_activation": "revocations delete-activation",
		"revocations list_activations":  "revocations list-activations",
	} {
		if c := find(t, alias); c.CommandPath() != "nkeep "+path {
			t.Errorf("%q leads to %q", alias, c.CommandPath())
		}
	}
}

// find returns a command with all its flags, those from above included.
func find(t *testing.T, path string) *cobra.Command {
	t.Helper()
	c, rest, err := tree().Find(strings.Fields(path))
	if err != nil || len(rest) > 0 {
		t.Fatalf("command %q: is not there: error %v, left %q", path, err, rest)
	}
	c.InitDefaultHelpFlag() // merges the flags from above
	return c
}
