package render

import (
	"bytes"
	"fmt"
	"io/fs"

	"nkeep/internal/safefile"
)

// WriteFile puts a file that was asked for at a place the user named: whole or not at all, never through a link, with mode
// perm whatever was there. Without replace an existing file is an error that wraps [fs.ErrExist].
func WriteFile(file string, data []byte, perm fs.FileMode, replace bool) error {
	if err := safefile.Write(file, data, perm, replace); err != nil {
		return fmt.Errorf("write %q: %w", file, err)
	}
	return nil
}

// Render is what [Printer.Show] would write, without colour, for a file instead of the terminal.
func (p *Printer) Render(v View) ([]byte, error) {
	var buf bytes.Buffer
	plain := New(&buf, p.err, Options{JSON: p.o.JSON, LongIDs: true})
	if err := plain.Show(v); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// Output is a file of a directory that the user named.
type Output = safefile.Output

// WriteFiles is [WriteFile] for files of one directory, which is made, for the user alone, if it is not there: all of them or
// none. undo takes away again what was not there before.
func WriteFiles(dir string, files []Output, perm fs.FileMode, replace bool) (undo func() error, err error) {
	undo, err = safefile.WriteAll(dir, files, perm, replace)
	if err != nil {
		return nil, fmt.Errorf("write %w", err)
	}
	return undo, nil
}
