package cmd

import (
	"strings"
	"testing"
)

func FuzzParseBatch(f *testing.F) {
	for _, s := range []string{"a\nb\n", "name,tag\nx,\"p,q\"\n", `{"name":"x","tag":["a"],"conns":5,"bearer":null}`, "\xef\xbb\xbfa", ",", "{", "name\n", `{"name":["a","b"]}`} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, isCSV bool) {
		lines, err := parseBatch(data, isCSV)
		if err != nil && !strings.HasPrefix(err.Error(), "line ") {
			t.Fatalf("%q does not name the line", err)
		}
		for _, ln := range lines {
			if !strings.HasPrefix(ln.place, "line ") {
				t.Fatalf("%+v has no place", ln)
			}
			for _, fd := range ln.fields {
				if fd.flag == "name" || len(fd.values) == 0 {
					t.Fatalf("%+v", fd)
				}
				_, _ = fd.list() // must not panic
			}
		}
	})
}
