package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
)

const sysID = "ADWJVSUSEVC2GHL5GRATN2LOEOQOY2E6Z2VXNU3JEIK6BDGPWNIW3AXF"

// tableView is a view of just a table.
type tableView struct{ Table }

func (v tableView) Text(t *Text) { t.Table(v.Table) }

func accounts(rows ...Row) Table {
	return Table{Title: "Accounts", Columns: []Column{{Name: "Name"}, {Name: "Public Key", ID: true}}, Rows: rows}
}

func TestTable(t *testing.T) {
	t.Parallel()
	sys := Row{Cells: []string{"SYS", sysID}}
	for _, test := range []struct {
		name  string
		o     Options
		table Table
	}{
		{"accounts", Options{}, accounts(sys)},
		{"empty", Options{}, accounts()},
		{"untitled", Options{}, Table{Columns: Columns("A", "B"), Rows: []Row{{Cells: []string{"1", "2"}}}}},
		{"long_title", Options{}, Table{Title: "A title that is wider than all", Columns: Columns("A"), Rows: []Row{{Cells: []string{"1"}}}}},
		{"long_title_empty", Options{}, Table{Title: "A title that is wider than all", Columns: Columns("A")}},
		{"current", Options{Width: 80}, accounts(Row{Cells: []string{"A", "-"}}, Row{Cells: []string{"B", "-"}, Current: true})},
		{"current_color", Options{Color: true}, accounts(Row{Cells: []string{"A", "-"}}, Row{Cells: []string{"B", "-"}, Current: true})},
		{"hostile", Options{}, accounts(Row{Cells: []string{"a\n│ b\x1b[2J", "\u202e"}})},
		{"wide_runes", Options{}, accounts(Row{Cells: []string{"注文", "x"}}, Row{Cells: []string{"  blanks  ", "🚀"}})},
		{"ragged", Options{}, accounts(Row{}, Row{Cells: []string{"a"}}, Row{Cells: []string{"a", "b", "c"}})},
		{"narrow", Options{Width: 60}, accounts(sys)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			golden(t, "table/"+test.name+".txt", show(t, test.o, tableView{test.table}))
		})
	}
}

func TestTableAbbreviates(t *testing.T) {
	t.Parallel()
	const width = 67 // of the box, as pinned in table/accounts.txt
	for _, test := range []struct {
		o       Options
		current bool
		short   bool
	}{
		{o: Options{Width: width}, short: false},
		{o: Options{Width: width - 1}, short: true},
		{o: Options{Width: width - 1, LongIDs: true}, short: false},
		{o: Options{Width: 0}, short: false},
		{o: Options{Width: width}, current: true, short: true}, // the marks take room
		{o: Options{Width: width, Color: true}, current: true, short: false},
		{o: Options{Width: width + 2}, current: true, short: false},
	} {
		row := Row{Cells: []string{"SYS", sysID}, Current: test.current}
		got := string(show(t, test.o, tableView{accounts(row)}))
		if short := strings.Contains(got, "ADWJVSUS…NIW3AXF"); short != test.short {
			t.Errorf("%+v current %t: abbreviated %t\n%s", test.o, test.current, short, got)
		}
		if long := strings.Contains(got, sysID); long == test.short {
			t.Errorf("%+v current %t: whole %t\n%s", test.o, test.current, long, got)
		}
	}
}

func TestTableBoxIsStraight(t *testing.T) {
	t.Parallel()
	for title := range 40 {
		table := Table{Title: strings.Repeat("t", title), Columns: Columns("A", "B")}
		table.Add("1", "22")
		for line := range strings.SplitSeq(strings.TrimSpace(string(show(t, Options{}, tableView{table}))), "\n") {
			if w := displayWidth(line); w != max(10, title+4) {
				t.Errorf("title of %d: line of %d: %s", title, w, line)
			}
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	text := &Text{w: &out}
	text.Fields("Operator Details", [][2]string{{"Name", "O"}, {"Expires", "Never"}})
	text.Linef("one %s", "line\nonly")
	golden(t, "table/fields.txt", out.Bytes())
}

// rows makes a list as long as big users have it.
func rows(n int) Table {
	table := accounts()
	for i := range n {
		table.Add(fmt.Sprintf("account-%d", i), sysID)
	}
	return table
}

func BenchmarkTable10000(b *testing.B) {
	v := tableView{rows(10_000)}
	p := New(io.Discard, io.Discard, Options{Width: 80})
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Show(v); err != nil {
			b.Fatal(err)
		}
	}
}

func TestFieldsWithoutRows(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"", "Empty", "A title that is wider than all"} {
		var out bytes.Buffer
		text := &Text{w: &out}
		text.Fields(title, nil)
		if text.err != nil || out.Len() > 0 {
			t.Errorf("%q: %v\n%s", title, text.err, out.String())
		}
	}
}
