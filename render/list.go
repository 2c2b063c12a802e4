package render

import (
	"io"
	"iter"
)

// Entry is one element of a [List]: its JSON form is its fields, its text form a row.
type Entry interface {
	Row() Row
}

// List is a view of many entries, which are produced while it is shown. Its JSON form is an array that is written element
// by element, so that a hundred thousand entries need no more memory than one; the text form holds the cells, since the
// widest decides the layout. Entries come in the order they are to have. After an error the array stays open,
// so that a reader cannot take half a list for a whole one.
type List[E Entry] struct {
	Title   string
	Columns []Column
	// Entries yields an entry or an error, which ends the list and is what [Printer.Show] returns.
	Entries iter.Seq2[E, error]
}

// Text implements [View]. An empty list writes nothing.
func (l List[E]) Text(t *Text) {
	table := Table{Title: l.Title, Columns: l.Columns}
	for e, err := range l.Entries {
		if err != nil {
			t.fail(err)
			return
		}
		table.Rows = append(table.Rows, e.Row())
	}
	if len(table.Rows) > 0 {
		t.Table(table)
	}
}

// writeJSON implements jsonWriter. The bytes are those that the whole slice would encode to.
func (l List[E]) writeJSON(w io.Writer, program string) error {
	separator, end := "[\n ", "[]\n"
	for e, err := range l.Entries {
		if err != nil {
			return err
		}
		b, err := encodeJSON(e, " ", program)
		if err != nil {
			return err
		}
		if _, err = w.Write(append([]byte(separator), b...)); err != nil {
			return err
		}
		separator, end = ",\n ", "\n]\n"
	}
	_, err := io.WriteString(w, end)
	return err
}
