package keystore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"nkeep/internal/safefile"

	"github.com/nats-io/nkeys"
)

// Resolve understands a key as people give it: a seed, a public key, or the
// path of a file that holds either. The pair is nil when only the public key is
// known; a public key whose seed is stored comes with its pair. Anything else
// is an error, and no error shows the value of something that may be a seed.
func (r *Ring) Resolve(value string) (public string, kp nkeys.KeyPair, err error) {
	value = strings.TrimSpace(value)
	if looksLikeSeed(value) {
		if kp, err = nkeys.FromSeed([]byte(value)); err != nil {
			return "", nil, errors.New("key: the seed given is not valid")
		}
		public, err = kp.PublicKey()
		return public, kp, err
	}
	if nkeys.IsValidPublicKey(value) {
		return r.resolvePublic(value)
	}
	return r.resolveFile(value)
}

func (r *Ring) resolvePublic(public string) (string, nkeys.KeyPair, error) {
	stored, err := r.Has(public)
	if err != nil {
		return "", nil, err
	}
	if !stored {
		return public, nil, nil
	}
	kp, err := r.Get(public)
	return public, kp, err
}

func (r *Ring) resolveFile(file string) (string, nkeys.KeyPair, error) {
	// Looked at before it is opened: opening a pipe that nobody writes to waits forever.
	info, err := os.Stat(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", nil, fmt.Errorf("key %q: is neither a key nor a file: %w", shown(file), os.ErrNotExist)
	}
	if err != nil {
		return "", nil, fileError(file, err)
	}
	// A pipe of the shell's <(…) is open already, and nobody else's.
	piped := info.Mode()&fs.ModeNamedPipe != 0 && strings.HasPrefix(file, "/dev/fd/")
	if !info.Mode().IsRegular() && !piped {
		return "", nil, fileError(file, safefile.ErrNotRegular)
	}
	f, err := os.Open(filepath.Clean(file))
	if err != nil {
		return "", nil, fileError(file, err)
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil {
		return "", nil, fileError(file, err)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxCredsFile))
	if err != nil {
		return "", nil, fileError(file, err)
	}
	defer clear(data)
	if public := strings.TrimSpace(string(data)); nkeys.IsValidPublicKey(public) {
		return r.resolvePublic(public)
	}
	if err := r.private(info, file); err != nil && !piped {
		return "", nil, err
	}
	public, kp, err := Parse(data)
	if err != nil {
		return "", nil, fileError(file, err)
	}
	return public, kp, nil
}

// Parse reads a key from what a file or a pipe holds: a public key, a seed, a
// seed as generate nkey prints it, or creds. The pair is nil for a public key.
// Its error never shows what was read.
func Parse(data []byte) (public string, kp nkeys.KeyPair, err error) {
	if text := string(bytes.TrimSpace(data)); nkeys.IsValidPublicKey(text) {
		return text, nil, nil
	}
	kp, err = pairOf(data)
	if err != nil { // the seed is one line of several
		kp, err = nkeys.ParseDecoratedNKey(data)
	}
	if err != nil {
		return "", nil, errNoSeed
	}
	public, err = kp.PublicKey()
	return public, kp, err
}

// fileError names the file as a message may, and not as the system's error does.
func fileError(file string, err error) error {
	if inner, ok := errors.AsType[*fs.PathError](err); ok {
		err = inner.Err
	}
	return fmt.Errorf("key file %q: %w", shown(file), err)
}

// looksLikeSeed is generous: what begins like a seed and is as long is never
// taken for a path, so that a seed with a typing error ends up in no message.
func looksLikeSeed(value string) bool {
	const seedLength = 58
	return len(value) >= seedLength*2/3 && strings.EqualFold(value[:1], "S") && !strings.ContainsAny(value, `/\.`)
}
