package cmd

import (
	"context"
	"fmt"
	"os"
	"strings"

	"nkeep/keystore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// keyFlags are the flags that take a key, in whatever command they stand.
func keyFlags() []string { return []string{"private-key", "public-key", "sk", "curve", "seed"} }

// maxKeyInput is the size in bytes of the largest input that is taken for a
// key: creds of a user with many permissions.
const maxKeyInput = 256 << 10

// readKeys reads the keys that come through standard input or a descriptor. It
// does so before the command begins, which may hold the locks of the store when
// it asks for its keys.
func (a *app) readKeys(c *cobra.Command) error {
	typed := false
	for _, name := range keyFlags() {
		f := c.Flags().Lookup(name)
		if f == nil || !f.Changed {
			continue
		}
		for _, value := range valuesOf(f) {
			typed = typed || keystore.IsSeed(value)
			if err := a.readKey(c.Context(), "--"+name, value); err != nil {
				return err
			}
		}
	}
	if typed {
		a.warnTyped()
	}
	return nil
}

func (a *app) warnTyped() {
	a.out.Warnf("a seed on the command line shows in the list of processes and the history of the shell: give - for standard input, fd:N for a descriptor, or a file")
}

func (a *app) readKey(ctx context.Context, flag, value string) error {
	if flag == a.askedFor { // it has been typed already
		return nil
	}
	fd, ok, err := keySource(value)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", flag, err)}
	}
	if !ok {
		return nil
	}
	data, err := a.readKeyInput(ctx, flag, fd)
	defer clear(data)
	if err != nil {
		return err
	}
	public, pair, err := keystore.Parse(data)
	if err != nil {
		return usageError{fmt.Errorf("%s: %s %w", flag, sourceName(fd), err)}
	}
	if a.given == nil {
		a.given = map[string]key{}
	}
	a.given[value] = key{public, pair}
	return nil
}

// keySource is the descriptor that a key is to be read from; ok is false for
// values of another kind.
func keySource(value string) (fd int, ok bool, err error) {
	if value == "-" {
		return 0, true, nil
	}
	if number, ok := strings.CutPrefix(value, "fd:"); ok {
		fd, ok = parseDescriptor(number)
		if !ok || fd == 1 || fd == 2 {
			return 0, false, fmt.Errorf("%q: is no descriptor to read a key from", value)
		}
		return fd, true, nil
	}
	fd, ok = descriptor(value)
	return fd, ok && fd != 1 && fd != 2, nil
}

func sourceName(fd int) string {
	if fd == 0 {
		return "standard input"
	}
	return fmt.Sprintf("descriptor %d", fd)
}

func (a *app) readKeyInput(ctx context.Context, flag string, fd int) ([]byte, error) {
	if fd != 0 {
		f := os.NewFile(uintptr(fd), sourceName(fd))
		defer f.Close()
		return readInput(ctx, f, sourceName(fd), maxKeyInput)
	}
	in, err := a.takeStdin(flag)
	if err != nil {
		return nil, err
	}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return a.askKey(ctx, flag)
	}
	return readInput(ctx, in, sourceName(fd), maxKeyInput)
}

// askKey asks for a key on the terminal, which does not show it.
func (a *app) askKey(ctx context.Context, flag string) ([]byte, error) {
	asker, ok := a.asker()
	if !ok {
		return nil, usagef("%s: needs a terminal", flag)
	}
	defer asker.close()
	line, err := asker.ask(ctx, prompt{text: flag + ", a seed (is not shown)", hidden: true})
	return []byte(line), err
}

// resolve understands a key as people give it; see [keystore.Ring.Resolve]. One
// that came through standard input or a descriptor has been read already.
func (w *workspace) resolve(value string) (public string, pair nkeys.KeyPair, err error) {
	if k, ok := w.app.given[value]; ok {
		if k.pair != nil {
			return k.public, k.pair, nil
		}
		value = k.public
	}
	if file := w.app.path(value); !nkeys.IsValidPublicKey(value) && !keystore.HoldsSeed(value) && exists(file) {
		value = file
	}
	return w.ring.Resolve(value)
}
