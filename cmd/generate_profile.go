package cmd

import (
	"context"
	"io/fs"
	"strings"

	"nkeep/claims"
	"nkeep/render"

	"github.com/spf13/cobra"
)

type generateProfile struct {
	*app
	url    string
	output string
	force  bool
}

func newGenerateProfile(a *app) *cobra.Command {
	o := &generateProfile{app: a}
	c := &cobra.Command{
		Use:   "profile URL",
		Short: "Generate what other programs ask about an operator, an account or a user",
		Long: `Generate, in JSON, what a URL asks for: nsc://OPERATOR, nsc://OPERATOR/ACCOUNT or
nsc://OPERATOR/ACCOUNT/USER, each a name or a public key. It says where the servers
are and, for a user, which file its creds are in. The nats tool calls this command,
by the name of nsc, when its credentials are such a URL.

The query asks for more: names, keys and seeds are those of all that are named, and
so is name; operatorName, accountKey, userSeed and their like are of one; key and
seed of the last. accountSeed=A… is the seed of a signing key. With store= and keystore=
other directories are looked into. What is selected stays as it is.

Seeds are secrets: a file that holds one gets mode 0600.`,
		Example: `  nkeep generate profile nsc://ACME/ORDERS/shop
  nkeep generate profile "nsc://ACME/ORDERS?names&keys" -o orders.json
  nkeep generate profile "nsc://ACME/ORDERS/shop?userSeed&keystore=~/keys"`,
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c.Context()) },
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) != 1 {
			return withHint(usagef("%s: takes one URL, got %d arguments", commandName(c), len(args)), "quote it, for the shell's sake; for example: nkeep generate profile \"nsc://ACME/ORDERS?names&keys\"")
		}
		o.url = args[0]
		return nil
	}
	c.ValidArgsFunction = cobra.NoFileCompletions
	bindOutput(c.Flags(), &o.output)
	c.Flags().BoolVarP(&o.force, "force", "F", false, "replace an existing file")
	return c
}

func (o *generateProfile) run(ctx context.Context) error {
	asked, err := claims.ParseProfile(o.url)
	if err != nil {
		return usageError{err}
	}
	if len(asked.Unknown) > 0 {
		o.out.Warnf("profile URL: means nothing: %s", strings.Join(asked.Unknown, ", "))
	}
	o.relocate(asked)
	w, err := o.open(ctx)
	if err != nil {
		return err
	}
	v, secret, err := w.profile(asked)
	if err != nil {
		return err
	}
	if o.output == onStdout {
		return o.out.Show(v)
	}
	data, err := v.encode()
	if err != nil {
		return err
	}
	defer clear(data)
	perm := fs.FileMode(0o644)
	if secret {
		perm = 0o600
	}
	err = o.deliverFile(o.output, data, perm, o.force)
	return hintIf(err, fs.ErrExist, "replace it with --force")
}

// relocate looks into the directories that the URL names, as flags would, which
// it overrides.
func (o *generateProfile) relocate(asked claims.Profile) {
	f := &o.flags
	if f.allDirs != "" && (asked.Store != "" || asked.Keystore != "") {
		f.configDir, f.dataDir, f.keystoreDir, f.allDirs = f.allDirs, f.allDirs, f.allDirs, ""
	}
	if asked.Store != "" {
		f.dataDir = asked.Store
	}
	if asked.Keystore != "" {
		f.keystoreDir = asked.Keystore
	}
}

// profileView is the answer. Its JSON is nsc's, which other programs read.
type profileView struct {
	UserCreds string       `json:"user_creds,omitempty"`
	Operator  profilePart  `json:"operator"`
	Account   *profilePart `json:"account,omitempty"`
	User      *profilePart `json:"user,omitempty"`
}

type profilePart struct {
	Service []string `json:"service,omitempty"`
	Name    string   `json:"name,omitempty"`
	Seed    string   `json:"seed,omitempty"`
	ID      string   `json:"id,omitempty"`
}

// Text implements [render.View].
func (v profileView) Text(t *render.Text) {
	data, err := v.encode()
	if err == nil { // strings always encode
		t.Verbatim(string(data))
	}
}
