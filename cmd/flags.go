package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nkeep/claims"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// optional is a flag whose absence differs from every value it can take: the
// pointer stays nil unless it is given.
type optional[T any] struct {
	to    **T
	parse func(string) (T, error)
	kind  string
}

func (o optional[T]) Set(s string) error {
	v, err := o.parse(s)
	if err != nil {
		return err
	}
	*o.to = &v
	return nil
}

func (o optional[T]) String() string {
	if o.to == nil || *o.to == nil {
		return ""
	}
	return fmt.Sprint(**o.to)
}

func (o optional[T]) Type() string { return o.kind }

func bindNumber(f *pflag.FlagSet, to **int64, name, usage string) {
	f.Var(optional[int64]{to, parseNumber, "number"}, name, usage)
}

// parseNumber refuses an empty value, which nsc takes for 0: in a script it is
// an unset variable, and 0 locks an account out.
func parseNumber(s string) (int64, error) {
	if s == "" {
		return 0, errors.New("is empty; 0 means nothing at all, -1 any number")
	}
	return claims.ParseNumber(s)
}

func parseInt(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, errors.New("is not a whole number")
	}
	return n, nil
}

func parseBool(s string) (bool, error) {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, errors.New("is neither true nor false")
	}
	return b, nil
}

func bindBool(f *pflag.FlagSet, to **bool, name, usage string) {
	bindSwitch(f, to, name, "", usage)
}

// bindSwitch is bindBool with a shorthand.
func bindSwitch(f *pflag.FlagSet, to **bool, name, short, usage string) {
	f.VarP(optional[bool]{to, parseBool, "bool"}, name, short, usage)
	f.Lookup(name).NoOptDefVal = "true"
}

func bindString(f *pflag.FlagSet, to **string, name, short, usage string) {
	f.VarP(optional[string]{to, func(s string) (string, error) { return s, nil }, "string"}, name, short, usage)
}

// oneLine is a list whose values stand in one line, separated by commas. Of a value
// with more lines pflag would take the first, and drop the others without a word.
type oneLine struct {
	pflag.Value
	pflag.SliceValue
}

func (l oneLine) Set(s string) error {
	if strings.ContainsAny(s, "\r\n") {
		return errors.New("has more than one line: separate values by commas")
	}
	return l.Value.Set(s)
}

// bindStrings binds a list, which is empty unless it is given.
func bindStrings(f *pflag.FlagSet, to *[]string, name, short, usage string) {
	f.StringSliceVarP(to, name, short, nil, usage)
	flag := f.Lookup(name)
	if list, ok := flag.Value.(pflag.SliceValue); ok {
		flag.Value, flag.DefValue = oneLine{flag.Value, list}, ""
	}
}

// bindList binds the two halves of a list edit: --name adds, --rm-name removes.
func bindList(f *pflag.FlagSet, e *claims.ListEdit, name, short, usage string) {
	bindStrings(f, &e.Add, name, short, "add "+usage)
	bindStrings(f, &e.Remove, "rm-"+name, "", "remove "+usage)
}

// bindTimes binds --start and --expiry. An empty value leaves the time alone.
func (a *app) bindTimes(f *pflag.FlagSet, e *claims.TimesEdit) {
	parse := func(s string) (int64, error) { return claims.ParseWhen(s, a.env.Now()) }
	const syntax = "a date (2027-01-31), a time (2027-01-31 15:04:05 UTC), or a span from now (30d, 6M, 1y); 0 for none"
	f.Var(when{optional[int64]{&e.Start, parse, "time"}}, "start", "not valid before: "+syntax)
	f.Var(when{optional[int64]{&e.Expires, parse, "time"}}, "expiry", "not valid after: "+syntax)
}

type when struct{ optional[int64] }

func (w when) Set(s string) error {
	if s == "" {
		return nil
	}
	return w.optional.Set(s)
}

// bindPermissions binds the flags that a new and an existing entity share.
func bindPermissions(f *pflag.FlagSet, e *claims.PermissionsEdit) {
	const list = "subjects, separated by commas"
	bindStrings(f, &e.AllowPub, "allow-pub", "", "allow publishing to "+list)
	bindStrings(f, &e.AllowSub, "allow-sub", "", "allow subscribing to "+list+`; "subject queue" for a queue`)
	bindStrings(f, &e.AllowPubSub, "allow-pubsub", "", "allow both on "+list)
	bindStrings(f, &e.DenyPub, "deny-pub", "", "deny publishing to "+list)
	bindStrings(f, &e.DenySub, "deny-sub", "", "deny subscribing to "+list)
	bindStrings(f, &e.DenyPubSub, "deny-pubsub", "", "deny both on "+list)
	f.Var(optional[int]{&e.ResponseMaxMsgs, parseInt, "int"}, "allow-pub-response", "allow publishing that many replies to a request")
	f.Lookup("allow-pub-response").NoOptDefVal = "1"
	f.Var(optional[int]{&e.ResponseMaxMsgs, parseInt, "int"}, "max-responses", "allow publishing that many replies to a request")
	_ = f.MarkDeprecated("max-responses", "use --allow-pub-response")
	bindDuration(f, &e.ResponseTTL, "response-ttl", "how long replies may follow a request (5s, 1m)")
}

// bindAccount binds --account, for what the account is to the command.
func (a *app) bindAccount(c *cobra.Command, to *string, what string) {
	c.Flags().StringVarP(to, "account", "a", "", what+", by name or public key")
	a.completeAccounts(c, "account")
}

// nameArg is the one name that a command takes, as an argument or as --name.
func nameArg(c *cobra.Command, to *string, usage string) {
	c.Flags().StringVarP(to, "name", "n", "", usage)
	optionalArg(c, to)
}

// optionalArg is a name that a command takes as an argument.
func optionalArg(c *cobra.Command, to *string) {
	c.ValidArgsFunction = cobra.NoFileCompletions
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) > 1 {
			return withHint(usagef("%s: takes one name, got %d", commandName(c), len(args)), "quote a name that has blanks; see: %s --help", c.CommandPath())
		}
		if len(args) == 0 {
			return nil
		}
		if *to != "" && *to != args[0] {
			return withHint(usagef("%s: two names are given, %q and %q", commandName(c), args[0], *to), "see: %s --help", c.CommandPath())
		}
		*to = args[0]
		return nil
	}
}

// namesArg are the names that a command takes, as arguments or as --name. nsc goes
// by the flag when both are given: unless they agree, one of them is a slip.
func namesArg(c *cobra.Command, to *[]string, usage string) {
	var named []string
	bindStrings(c.Flags(), &named, "name", "n", usage)
	manyArgs(c, to)
	add := c.Args
	c.Args = func(c *cobra.Command, args []string) error {
		switch {
		case len(named) == 0:
			return add(c, args)
		case len(args) > 0 && !slices.Equal(args, named):
			return usagef("--name %q: names are given as arguments, too: give them one way", strings.Join(named, ","))
		}
		return add(c, named)
	}
}

// manyArgs adds the arguments of a command to names.
func manyArgs(c *cobra.Command, to *[]string) {
	c.ValidArgsFunction = cobra.NoFileCompletions
	c.Args = func(c *cobra.Command, args []string) error {
		*to = append(*to, args...)
		if slices.Contains(*to, "") {
			return withHint(usagef("%s: a name is empty", commandName(c)), "see: %s --help", c.CommandPath())
		}
		return nil
	}
}

// commandName is a command as it is typed after the program's name.
func commandName(c *cobra.Command) string {
	_, name, _ := strings.Cut(c.CommandPath(), " ")
	return name
}

// required is the error for a name that was not given.
func required(c *cobra.Command, what string) error {
	return withHint(usagef("%s: needs the name of the %s", commandName(c), what), "for example:%s", firstExample(c))
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return withHint(usagef("%s: takes no argument, got %q", commandName(c), args[0]), "see: %s --help", c.CommandPath())
	}
	return nil
}
