package jwtstore

import (
	"bytes"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// An index says which name a public key has in one directory of tokens, so that
// finding one of ten thousand does not take reading all of them. It is a cache
// and never more: what it says is checked against the token before it counts;
// what it does not say counts only for what is merely shown, and only while the
// directory is as it was. It is a file that begins with a line for the version
// and the time of the directory, has a line "KEY name" for each token, and ends
// with a line "end".
const (
	indexVersion = "nkeep index 1"
	maxIndex     = 64 << 20
)

// worthIndex is the number of tokens from which an index saves time.
const worthIndex = 256

// settled is how long a directory must not have changed before its time proves
// that it is the same: file systems count in steps, some of them of two seconds.
const settled = 3 * time.Second

// index is the content of an index file.
type index struct {
	data []byte // the lines, each with a line break before and behind it
	sure bool   // the directory is as it was when the index was made
}

// indexFile is where the index of a directory of tokens lies, below the root.
func indexFile(operator, below string) string { return indexDir + "/" + digest(operator+"/"+below) }

// loadIndex returns an empty index when there is none that can be used.
func (s *Store) loadIndex(below string) index {
	f, err := s.root.Read(indexFile(s.Name, below), maxIndex)
	if err != nil {
		return index{}
	}
	first, rest, _ := bytes.Cut(f.Data, []byte("\n"))
	was, ok := strings.CutPrefix(string(first), indexVersion+" ")
	if !ok || !bytes.HasSuffix(rest, []byte("\nend\n")) {
		return index{}
	}
	dir, err := s.dir.Stat(below)
	sure := err == nil && stamp(dir) == was && f.Info.ModTime().Sub(dir.ModTime()) > settled
	return index{data: f.Data[len(first):], sure: sure}
}

func stamp(dir fs.FileInfo) string { return strconv.FormatInt(dir.ModTime().UnixNano(), 10) }

// name is what the index calls a key, which need not be so any more.
func (x index) name(public string) (string, bool) {
	_, rest, found := bytes.Cut(x.data, []byte("\n"+public+" "))
	if !found {
		return "", false
	}
	name, _, _ := bytes.Cut(rest, []byte("\n"))
	return string(name), true
}

// saveIndex replaces an index, made of all items of a directory that looked so
// before they were read. Should that fail, nothing is lost but time.
func (s *Store) saveIndex(below string, before fs.FileInfo, items []Item) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", indexVersion, stamp(before))
	for _, it := range items {
		if it.Err == nil && !strings.Contains(it.Head.Subject+it.Name, "\n") {
			fmt.Fprintf(&b, "%s %s\n", it.Head.Subject, it.Name)
		}
	}
	b.WriteString("end\n")
	s.root.Cache(indexFile(s.Name, below), b.Bytes())
}
