package cmd

import (
	"context"
	"iter"

	"nkeep/jwtstore"

	"github.com/spf13/cobra"
)

func newListOperators(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "operators",
		Aliases: []string{"operator"},
		Short:   "List the operators",
		Example: "  nkeep list operators",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.listOperators(c.Context()) },
	}
}

func (a *app) listOperators(ctx context.Context) error {
	w, err := a.open(ctx)
	if err != nil {
		return err
	}
	names, err := w.root.Operators()
	if err != nil {
		return err
	}
	current := w.selected.Operator
	if len(names) == 1 {
		current = names[0]
	}
	count, err := a.showItems("Operators", w.operatorItems(names), current)
	if count == 0 && err == nil {
		a.out.Notef("no operator yet: add one with: nkeep add operator NAME")
	}
	return err
}

func (w *workspace) operatorItems(names []string) iter.Seq2[jwtstore.Item, error] {
	return func(yield func(jwtstore.Item, error) bool) {
		for _, name := range names {
			if !yield(w.operatorItem(name), nil) {
				return
			}
		}
	}
}

func (w *workspace) operatorItem(name string) jwtstore.Item {
	store, err := w.root.Operator(name)
	if err != nil {
		return jwtstore.Item{Name: name, Err: err}
	}
	token, err := store.Operator()
	if err != nil {
		return jwtstore.Item{Name: name, Err: err}
	}
	head, err := jwtstore.ReadHead(token)
	return jwtstore.Item{Name: name, Head: head, Err: err}
}
