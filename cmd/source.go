package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"nkeep/resolver"

	"github.com/nats-io/jwt/v2"
)

// maxTokenFile is the size in bytes of the largest file a token is looked for in.
const maxTokenFile = 2 << 20

// fetchToken reads a token, bare or decorated, from a file or an http(s) URL.
// It is not verified.
func (a *app) fetchToken(ctx context.Context, source string) (string, error) {
	if isHTTP(source) {
		h, err := resolver.NewHTTP(resolver.HTTPOptions{})
		if err != nil {
			return "", err
		}
		defer h.Close()
		data, err := h.Fetch(ctx, source)
		return string(data), err
	}
	data, err := a.readSource(source)
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
func (a *app) readSource(source string) ([]byte, error) {
	if source != "-" && source != "/dev/stdin" {
		return readFile(a.path(source), maxTokenFile)
	}
	data, err := io.ReadAll(io.LimitReader(a.env.Stdin, maxTokenFile))
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	return data, nil
}

func isHTTP(source string) bool {
	s := strings.ToLower(source)
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")
}

// readFile reads a regular file that somebody named, of at most limit bytes.
func readFile(name string, limit int64) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", name, bare(err))
	}
	// A pipe of the shell's <(…) is open already: opening it does not wait.
	if !info.Mode().IsRegular() && !strings.HasPrefix(name, "/dev/fd/") {
		return nil, fmt.Errorf("file %q: is not a regular file", name)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", name, bare(err))
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, fmt.Errorf("file %q: %w", name, bare(err))
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("file %q: is larger than %d bytes", name, limit)
	}
	return data, nil
}

// bare is an error without the path that stands beside it.
func bare(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}
