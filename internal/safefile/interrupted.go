package safefile

import (
	"context"
	"errors"
	"io/fs"
	"time"
)

// Interruption is a transaction that did not come to its end.
type Interruption struct {
	Journal string // the file that tells of it, slash-separated
	// Err says why [Update] cannot finish it, nil when it can.
	Err error
	// Hopeless is whether no nkeep will ever finish it: the journal is damaged,
	// may be somebody else's, or tells of another directory.
	Hopeless bool
}

// Interrupted lists the transactions that wait to be finished. It changes nothing.
func (d *Dir) Interrupted() []Interruption {
	var found []Interruption
	for _, name := range []string{journalName, doneName} {
		if _, err := d.Stat(name); errors.Is(err, fs.ErrNotExist) || isElse(err) {
			continue
		}
		i := Interruption{Journal: name}
		j, ok, err := d.readJournal(name)
		if err == nil && ok { // one that was cut short announces nothing
			_, err = j.others(d)
		}
		i.Err = err
		i.Hopeless = err != nil && !errors.Is(err, errOtherVersion) && !errors.Is(err, fs.ErrPermission)
		found = append(found, i)
	}
	return found
}

// SetAside puts journals into quarantine that nobody can act upon, and returns
// where they are; "" when there is none. What their transactions have left lies
// where it is.
func (d *Dir) SetAside(ctx context.Context, at time.Time) (to string, err error) {
	if exists, err := d.Exists(); !exists || err != nil {
		return "", err
	}
	held, err := lockAll(ctx, []*Dir{d})
	if err != nil {
		return "", err
	}
	q := d.Quarantine(at)
	defer func() { held.release(q.Path() != "") }()
	for _, i := range d.Interrupted() {
		if i.Hopeless {
			q.Add(i.Journal, i.Err.Error())
		}
	}
	err = q.Commit()
	return q.Path(), err
}
