package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"

	"github.com/nats-io/jwt/v2"
)

// maxTokenFile is the size in bytes of the largest file a token is looked for in.
const maxTokenFile = 2 << 20

// fetchToken reads a token, bare or decorated, from a file or an http(s) URL.
// It is not verified.
func (a *app) fetchToken(ctx context.Context, source string) (string, error) {
	if isHTTP(source) {
		h, err := a.http(0)
		if err != nil {
			return "", err
		}
		defer h.Close()
		data, err := h.Fetch(ctx, source)
		return string(data), err
	}
	data, err := a.readSource(ctx, source)
	if err != nil {
		return "", err
	}
	token, err := jwt.ParseDecoratedJWT(data)
	if err != nil || strings.Count(strings.TrimSpace(token), ".") != 2 {
		return "", fmt.Errorf("file %q: does not hold a token", source)
	}
	return strings.TrimSpace(token), nil
}

// readSource reads a file; - is standard input.
func (a *app) readSource(ctx context.Context, source string) ([]byte, error) {
	return a.readAs(ctx, source, "a token", maxTokenFile)
}

// readAs reads a file of at most limit bytes, or standard input for what is named.
func (a *app) readAs(ctx context.Context, source, what string, limit int) ([]byte, error) {
	if fd, ok := descriptor(source); source == "-" || ok && fd == 0 {
		in, err := a.takeStdin(what)
		if err != nil {
			return nil, err
		}
		return readInput(ctx, in, "standard input", limit)
	}
	return readFile(ctx, a.path(source), limit)
}

// takeStdin hands out standard input, which can be read only once, for what is
// named. Two flags that want it are a usage error.
func (a *app) takeStdin(what string) (io.Reader, error) {
	if a.stdinFor != "" {
		return nil, usagef("standard input is wanted for %s and for %s: give one of them another way", a.stdinFor, what)
	}
	a.stdinFor = what
	return a.env.Stdin, nil
}

// descriptor is the number behind a path by which a process reaches what it has
// open: /dev/stdin, /dev/fd/63 as the shell makes of <(…), and their like.
func descriptor(name string) (fd int, ok bool) {
	for i, standard := range []string{"/dev/stdin", "/dev/stdout", "/dev/stderr"} {
		if name == standard {
			return i, true
		}
	}
	for _, dir := range []string{"/dev/fd/", "/proc/self/fd/"} {
		if number, ok := strings.CutPrefix(name, dir); ok {
			return parseDescriptor(number)
		}
	}
	return 0, false
}

func parseDescriptor(number string) (fd int, ok bool) {
	n, err := strconv.ParseUint(number, 10, 16)
	return int(n), err == nil
}

// readInput reads at most limit bytes of what is open already. It ends with
// ctx, although nothing can end the reading itself.
func readInput(ctx context.Context, r io.Reader, name string, limit int) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		// Not [io.ReadAll], which would leave pieces of a seed behind as it grows.
		data := make([]byte, limit+1)
		n, err := io.ReadFull(r, data)
		done <- result{data[:n], err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case got := <-done:
		switch {
		case got.err == nil:
			return nil, fmt.Errorf("%s: is larger than %d bytes", name, limit)
		case errors.Is(got.err, io.EOF), errors.Is(got.err, io.ErrUnexpectedEOF):
			return got.data, nil
		}
		return nil, fmt.Errorf("%s: %w", name, bare(got.err))
	}
}

func isHTTP(source string) bool {
	s := strings.ToLower(source)
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// readFile reads a regular file that somebody named, or a pipe that is open
// already, of at most limit bytes.
func readFile(ctx context.Context, name string, limit int) ([]byte, error) {
	f, err := openFile(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	what := fmt.Sprintf("file %q", name)
	if _, piped := descriptor(name); piped {
		return readInput(ctx, f, what, limit)
	}
	data, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, bare(err))
	}
	if len(data) > limit {
		return nil, fmt.Errorf("%s: is larger than %d bytes", what, limit)
	}
	return data, nil
}

// openFile opens a regular file that somebody named.
func openFile(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", name, bare(err))
	}
	// A pipe of the shell's <(…) is open already: opening it does not wait.
	if _, piped := descriptor(name); !info.Mode().IsRegular() && !piped {
		return nil, fmt.Errorf("file %q: is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", name, bare(err))
	}
	return f, nil
}

// bare is an error without the path that stands beside it.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
