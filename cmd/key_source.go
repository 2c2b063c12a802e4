package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"nkeep/keystore"

	"github.com/nats-io/nkeys"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// keyFlags are the flags that take a key, in whatever command they stand.
func keyFlags() []string { return []string{"private-key", "public-key", "sk", "curve"} }

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
		a.out.Warnf("a seed on the command line shows in the list of processes and the history of the shell: give - for standard input, fd:N for a descriptor, or a file")
	}
	return nil
}

func (a *app) readKey(ctx context.Context, flag, value string) error {
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
		return a.askKey(ctx, f, flag)
	}
	return readInput(ctx, in, sourceName(fd), maxKeyInput)
}

// askKey asks for a key on the terminal, which does not show it. The terminal
// is raw meanwhile: Ctrl-C comes as a character, and there is no moment at which
// it would leave the terminal changed. Signals from elsewhere end ctx.
func (a *app) askKey(ctx context.Context, terminal *os.File, flag string) ([]byte, error) {
	fd := int(terminal.Fd())
	before, err := term.MakeRaw(fd)
	if err != nil {
		return nil, fmt.Errorf("terminal: %w", err)
	}
	defer func() { _ = term.Restore(fd, before) }() // nowhere is left to turn to
	type answer struct {
		line string
		err  error
	}
	answered := make(chan answer, 1)
	go func() {
		line, err := term.NewTerminal(conversation{terminal, a.env.Stderr}, "").ReadPassword(flag + ", a seed (is not shown): ")
		answered <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		_, _ = io.WriteString(a.env.Stderr, "\r\n")
		return nil, ctx.Err()
	case got := <-answered:
		if errors.Is(got.err, io.EOF) { // Ctrl-C or Ctrl-D
			_, _ = io.WriteString(a.env.Stderr, "\r\n")
			return nil, context.Canceled
		}
		return []byte(got.line), got.err
	}
}

// conversation is a terminal: what is typed, and what is shown.
type conversation struct {
	io.Reader
	io.Writer
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
