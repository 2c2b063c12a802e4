package cmd

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// maxBatch is the size in bytes of the largest file of lines that is read.
const maxBatch = 64 << 20

// readBatch reads lines in one of three forms. A file whose name ends in .csv,
// or whose first line is the word name or has a comma, is CSV; one that begins
// with a brace is JSON Lines; anything else has a name on each line.
func (a *app) readBatch(ctx context.Context, from string) ([]line, error) {
	data, err := a.readAs(ctx, from, "a list", maxBatch)
	if err != nil {
		return nil, err
	}
	lines, err := parseBatch(data, strings.EqualFold(filepath.Ext(from), ".csv"))
	where := fmt.Sprintf("file %q", from)
	if from == "-" {
		where = "standard input"
	}
	if err != nil {
		return nil, usageError{fmt.Errorf("%s, %w", where, err)}
	}
	if len(lines) == 0 {
		return nil, usagef("%s: has no line", where)
	}
	for i := range lines {
		lines[i].place = where + ", " + lines[i].place
	}
	return lines, nil
}

// parseBatch returns lines whose place is their number.
func parseBatch(data []byte, isCSV bool) ([]line, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) // as spreadsheets begin their files
	first := strings.TrimSpace(firstLine(data))
	switch {
	case strings.HasPrefix(first, "{"):
		return parseJSONLines(data)
	case strings.HasPrefix(first, "["):
		return nil, errors.New("line 1: is a JSON array: make lines of it, as jq -c '.[]' does")
	case isCSV || strings.Contains(first, ",") || strings.EqualFold(first, "name"):
		return parseCSV(data)
	}
	return parseNames(data), nil
}

// firstLine is the first that is neither blank nor a comment.
func firstLine(data []byte) string {
	for text := range bytes.Lines(data) {
		if name := string(bytes.TrimSpace(text)); name != "" && !strings.HasPrefix(name, "#") {
			return name
		}
	}
	return ""
}

func atLine(number int) string { return fmt.Sprintf("line %d", number) }

// parseNames reads a name on each line; blank lines, and those that begin with #, are skipped.
func parseNames(data []byte) []line {
	var lines []line
	number := 0
	for text := range bytes.Lines(data) {
		number++
		name := strings.TrimRight(string(text), "\r\n")
		if strings.TrimSpace(name) == "" || strings.HasPrefix(name, "#") {
			continue
		}
		lines = append(lines, line{place: atLine(number), name: name})
	}
	return lines
}

// parseCSV reads a header that names fields, and a line for each entity. An
// empty cell gives nothing; a list stands in one cell, separated by commas.
func parseCSV(data []byte) ([]line, error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace, r.Comment = true, '#'
	header, err := r.Read()
	if err != nil {
		return nil, csvError(err)
	}
	for i := range header {
		header[i] = fieldName(strings.ToLower(strings.TrimSpace(header[i])))
	}
	if err := soundHeader(header); err != nil {
		return nil, err
	}
	var lines []line
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		number, _ := r.FieldPos(0)
		ln := line{place: atLine(number)}
		for i, cell := range cells {
			switch {
			case header[i] == "name":
				ln.name = cell
			case cell != "":
				ln.fields = append(ln.fields, field{flag: header[i], values: []string{cell}, joined: true})
			}
		}
		lines = append(lines, ln)
	}
}

func soundHeader(header []string) error {
	if !slices.Contains(header, "name") {
		return errors.New(`line 1: the header of CSV needs a field "name", and commas between fields`)
	}
	sorted := slices.Sorted(slices.Values(header))
	if len(slices.Compact(sorted)) < len(header) {
		return errors.New("line 1: the header names a field twice")
	}
	return nil
}

// csvError is a problem of the format, behind its line.
func csvError(err error) error {
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return fmt.Errorf("line %d: %w", p.Line, p.Err)
	}
	return fmt.Errorf("line 1: %w", err)
}

// parseJSONLines reads an object on each line.
func parseJSONLines(data []byte) ([]line, error) {
	var lines []line
	number := 0
	for text := range bytes.Lines(data) {
		number++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		ln, err := parseObject(text)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		ln.place = atLine(number)
		lines = append(lines, ln)
	}
	return lines, nil
}

func parseObject(text []byte) (line, error) {
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&object); err != nil || object == nil {
		return line{}, errors.New("is not a JSON object")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return line{}, errors.New("has more than one JSON object")
	}
	var ln line
	seen := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		fd, err := jsonField(fieldName(key), object[key])
		if seen[fd.flag] {
			return line{}, fmt.Errorf("field %q: is there twice", fd.flag)
		}
		seen[fd.flag] = true
		switch {
		case err != nil:
			return line{}, fmt.Errorf("field %q: %w", key, err)
		case fd.flag == "name" && len(fd.values) == 1 && ln.name == "":
			ln.name = fd.values[0]
		case fd.flag == "name":
			return line{}, errors.New(`field "name": is not one name`)
		case len(fd.values) > 0:
			ln.fields = append(ln.fields, fd)
		}
	}
	return ln, nil
}

// jsonField takes a string, a number, a boolean, or a list of these; null gives nothing.
func jsonField(name string, value any) (field, error) {
	fd := field{flag: name}
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	for _, v := range list {
		switch v := v.(type) {
		case nil:
		case string:
			fd.values = append(fd.values, v)
		case bool, json.Number:
			fd.values = append(fd.values, fmt.Sprint(v))
		default:
			return fd, errors.New("is neither a value nor a list of values")
		}
	}
	fd.joined = !isList
	return fd, nil
}

// fieldName is a flag's name as people write it in data: public_key is public-key.
func fieldName(name string) string { return strings.ReplaceAll(name, "_", "-") }

// list takes a field of a list apart, as its flag does on the command line.
func (fd field) list() ([]string, error) {
	if !fd.joined || len(fd.values) == 0 {
		return fd.values, nil
	}
	values, err := csv.NewReader(strings.NewReader(fd.values[0])).Read()
	if err != nil || strings.ContainsAny(fd.values[0], "\r\n") {
		return nil, errors.New("is not a list separated by commas")
	}
	for i := range values {
		values[i] = strings.TrimSpace(values[i])
	}
	return values, nil
}
