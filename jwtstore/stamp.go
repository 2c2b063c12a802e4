package jwtstore

import (
	"io/fs"
	"time"
)

// Stamp tells one content of a file or directory from another without reading
// it. The zero Stamp is that of nothing.
type Stamp struct {
	modified int64 // nanoseconds since 1970
	size     int64 // bytes
}

func stampOf(info fs.FileInfo) Stamp { return Stamp{info.ModTime().UnixNano(), info.Size()} }

// Modified is when the content changed last.
func (s Stamp) Modified() time.Time { return time.Unix(0, s.modified) }

// Settled reports whether the stamp, taken at the time now, proves that the
// content is the same as long as the stamp is: file systems count time in
// steps, and what has just changed may change once more within a step.
func (s Stamp) Settled(now time.Time) bool { return now.Sub(s.Modified()) > settled }

// AccountStamp looks at the file of an account's token, to be compared with the
// stamp that it was read with. One that is not there
// is an [*EntityError] wrapping [fs.ErrNotExist].
func (s *Store) AccountStamp(name string) (Stamp, error) {
	if err := checkElements(KindAccount, name); err != nil {
		return Stamp{}, err
	}
	info, err := s.dir.Glance(accountFile(name))
	if err != nil {
		return Stamp{}, &EntityError{KindAccount, name, err}
	}
	return stampOf(info), nil
}

// StampedAccount is the token of an account, not verified, and the stamp of the
// file that it was read from.
func (s *Store) StampedAccount(name string) (string, Stamp, error) {
	if err := checkElements(KindAccount, name); err != nil {
		return "", Stamp{}, err
	}
	f, err := s.dir.Read(accountFile(name), maxToken)
	if err != nil {
		return "", Stamp{}, &EntityError{KindAccount, name, err}
	}
	return bare(f.Data), stampOf(f.Info), nil
}

// AccountsStamp changes whenever an account is added or removed. It is zero
// while there is none.
func (s *Store) AccountsStamp() Stamp {
	info, err := s.dir.Stat(accountsDir)
	if err != nil {
		return Stamp{}
	}
	return stampOf(info)
}
