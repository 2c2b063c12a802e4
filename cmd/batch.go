package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"nkeep/keystore"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// batch is what a run takes many of, to do the same to all of them or to none:
// names on the command line, and lines of a file.
type batch struct {
	named string   // by --name
	names []string // arguments
	from  string   // a file; - is standard input
}

// line is one of a batch.
type line struct {
	place  string // for messages; empty for what stood on the command line
	name   string
	fields []field // what is given for this one alone
}

// field is a flag that a line gives.
type field struct {
	flag   string
	values []string
	joined bool // the values of a list stand in one string, separated by commas
}

// bind takes the names of things to be made.
func (b *batch) bind(c *cobra.Command, usage string) {
	c.Flags().StringVarP(&b.named, "name", "n", "", usage)
	bindFrom(c, &b.from)
	manyArgs(c, &b.names)
}

// bindFrom binds the flag that names a file of lines.
func bindFrom(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "from", "", "take them from a file, or from stdin with -: a name on each line, or CSV or JSON Lines with flags as fields")
}

func (b *batch) empty() bool { return b.named == "" && len(b.names) == 0 && b.from == "" }

// many reports whether results are shown line by line: that depends on what was
// asked for, and not on how many lines a file happens to have.
func (b *batch) many() bool { return inLines(b.names, b.from) }

func inLines(names []string, from string) bool { return from != "" || len(names) > 1 }

// newcomers are the lines of a batch of things to be made. Every name is fit for
// something new, and none stands there twice.
func (b *batch) newcomers(ctx context.Context, a *app) ([]line, error) {
	lines, err := b.lines(ctx, a)
	if err != nil {
		return nil, err
	}
	for i := range lines {
		if lines[i].name, err = a.newName(lines[i].name); err != nil {
			return nil, lines[i].wrap(err)
		}
	}
	return lines, refuseTwice(lines)
}

func (b *batch) lines(ctx context.Context, a *app) ([]line, error) {
	names := b.names
	if b.named != "" {
		if len(names) > 1 || len(names) == 1 && names[0] != b.named {
			return nil, usagef("--name %q: names are given as arguments, too: give them one way", b.named)
		}
		names = []string{b.named}
	}
	lines := make([]line, 0, len(names))
	for _, n := range names {
		lines = append(lines, line{name: n})
	}
	if b.from == "" {
		return lines, nil
	}
	more, err := a.readBatch(ctx, b.from)
	return append(lines, more...), err
}

func refuseTwice(lines []line) error {
	first := make(map[string]int, len(lines))
	for i, ln := range lines {
		if before, ok := first[ln.name]; ok {
			return ln.wrap(usagef("name %q: stands there twice, first %s", ln.name, cmp.Or(lines[before].place, "on the command line")))
		}
		first[ln.name] = i
	}
	return nil
}

// wrap says where what is wrong stands.
func (ln line) wrap(err error) error {
	if err == nil || ln.place == "" {
		return err
	}
	return fmt.Errorf("%s: %w", ln.place, err)
}

// specOf is what the command line asks for, and on top of it what a line does:
// single values replace those of the command line, lists add to them.
func specOf[S any](base S, ln line, bind func(*S, *pflag.FlagSet)) (*S, error) {
	s := new(S)
	if len(ln.fields) == 0 {
		*s = base
		return s, nil
	}
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	bind(s, flags)
	*s = base
	flags.VisitAll(func(f *pflag.Flag) { // no line appends to a list that others have, too
		if list, ok := f.Value.(pflag.SliceValue); ok {
			_ = list.Replace(slices.Clone(list.GetSlice())) // of what it holds already
		}
	})
	for _, fd := range ln.fields {
		if err := fd.set(flags); err != nil {
			return nil, usageError{ln.wrap(fmt.Errorf("field %q: %w", fd.flag, err))}
		}
	}
	return s, nil
}

func (fd field) set(flags *pflag.FlagSet) error {
	f := flags.Lookup(fd.flag)
	switch {
	case f == nil:
		return fmt.Errorf("is not known here: fields are %s", strings.Join(fieldNames(flags), ", "))
	case !slices.Contains(keyFlags(), fd.flag) && slices.ContainsFunc(fd.values, keystore.HoldsSeed):
		return errors.New("looks like a seed")
	}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values, err := fd.list()
		if err != nil {
			return err
		}
		for _, v := range values {
			if err := list.Append(v); err != nil {
				return err
			}
		}
		return nil
	}
	if len(fd.values) != 1 {
		return fmt.Errorf("takes one value, got %d", len(fd.values))
	}
	return f.Value.Set(fd.values[0])
}

// fieldNames are the fields that a line may have.
func fieldNames(flags *pflag.FlagSet) []string {
	names := []string{"name"}
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Deprecated == "" {
			names = append(names, f.Name)
		}
	})
	return names
}

// signAll calls sign for each of so many, several at a time.
func (a *app) signAll(ctx context.Context, count int, what string, sign func(i int) error) error {
	bar := a.out.Progress(count, "signing "+what)
	defer bar.Done()
	return inParallel(ctx, count, func(i int) error {
		defer bar.Add(1)
		return sign(i)
	})
}

// namesFrom adds the lines of a file to the names of the command line. Nothing
// but the name counts: what list prints can be handed over as it is.
func (a *app) namesFrom(ctx context.Context, names []string, from string) ([]line, error) {
	b := batch{names: names, from: from}
	return b.lines(ctx, a)
}

// firstErrors joins what is wrong with a batch, as far as somebody reads it.
func firstErrors(errs []error) error {
	const most = 10
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if len(errs) > most {
		errs = append(errs[:most], fmt.Errorf("and %d more", len(errs)-most))
	}
	return errors.Join(errs...)
}
