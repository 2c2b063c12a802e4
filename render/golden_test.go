package render

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the files under testdata/golden") //nolint:gochecknoglobals // a test flag

// golden compares got with a file under testdata/golden.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", "golden", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want = bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")) // as Git may have checked it out
	if !bytes.Equal(got, want) {
		t.Errorf("%s:\n got:\n%s\nwant:\n%s", file, got, want)
	}
}

// show returns what a Printer with these options writes for a view.
func show(t *testing.T, o Options, v View) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	if err := New(&out, &errs, o).Show(v); err != nil {
		t.Fatal(err)
	}
	if errs.Len() > 0 {
		t.Errorf("messages beside a result: %s", errs.String())
	}
	return out.Bytes()
}
