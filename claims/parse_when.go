package claims

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// farthestYear bounds the dates that are accepted: RFC 3339 ends there.
const farthestYear = 9999

// farthestSecond is the last Unix second of that year.
const farthestSecond = 253402300799

// ParseWhen reads the start or the end of a validity and returns Unix seconds.
// It accepts a date (2027-01-31, midnight UTC), a time (2027-01-31 15:04:05
// UTC), or a span from now: an integer, signed or not, with one of the units m
// (minutes), h, d, w, M (months) and y; days and longer follow the calendar in
// UTC. "0", or a span of zero, is 0: no limit. Nothing may surround it: "1h30m"
// is an error, and so is "", which callers take for "leave alone".
func ParseWhen(s string, now time.Time) (int64, error) {
	if s == "0" {
		return 0, nil
	}
	t, err := parseDate(s)
	if err != nil {
		t, err = parseSpan(s, now)
	}
	if err == nil && !t.IsZero() {
		err = checkTime(t)
	}
	if err != nil {
		return 0, fmt.Errorf("time %q: %w", clip(s), err)
	}
	if t.IsZero() {
		return 0, nil
	}
	return t.Unix(), nil
}

// ParseMoment reads the moment of a revocation and returns Unix seconds. It
// accepts Unix seconds, RFC 3339, and "0" for now.
func ParseMoment(s string, now time.Time) (int64, error) {
	t, err := time.Parse(time.RFC3339, s)
	if seconds, notInt := strconv.ParseInt(s, 10, 64); notInt == nil {
		t, err = time.Unix(seconds, 0), nil
		if seconds == 0 {
			t = now
		}
	}
	if err != nil {
		return 0, fmt.Errorf("time %q: neither Unix seconds nor RFC 3339", clip(s))
	}
	if err := checkTime(t); err != nil {
		return 0, fmt.Errorf("time %q: %w", clip(s), err)
	}
	return t.Unix(), nil
}

func parseDate(s string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	// Parse would take fractions of a second as well; the length rules them out.
	const layout = time.DateTime + " UTC"
	if len(s) != len(layout) {
		return time.Time{}, errors.New("not a date")
	}
	return time.Parse(layout, s)
}

// parseSpan adds a span such as "-3d" to now. A span of nothing yields the zero
// time.
func parseSpan(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, errors.New("is empty")
	}
	unit := s[len(s)-1]
	count, err := strconv.Atoi(s[:len(s)-1])
	most := longestSpan(unit)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange) || most == 0:
		return time.Time{}, errors.New("want YYYY-MM-DD, YYYY-MM-DD hh:mm:ss UTC, or a span such as 12h, 30d, 6M, 1y")
	case err != nil || count > most || count < -most:
		return time.Time{}, errors.New("too far away")
	case count == 0:
		return time.Time{}, nil
	}
	return addSpan(now.UTC(), count, unit), nil
}

// longestSpan returns how many units can be added without overflowing
// either a time.Duration or an int of 32 bits; 0 means that there is no such unit.
func longestSpan(unit byte) int {
	switch unit {
	case 'm':
		return 150_000_000 // 285 years; a Duration ends at 292
	case 'h':
		return 2_500_000
	case 'd', 'w', 'M', 'y':
		return 4_000_000
	default:
		return 0
	}
}

func addSpan(t time.Time, count int, unit byte) time.Time {
	switch unit {
	case 'm':
		return t.Add(time.Duration(count) * time.Minute)
	case 'h':
		return t.Add(time.Duration(count) * time.Hour)
	case 'd':
		return t.AddDate(0, 0, count)
	case 'w':
		return t.AddDate(0, 0, 7*count)
	case 'M':
		return t.AddDate(0, count, 0)
	default:
		return t.AddDate(count, 0, 0)
	}
}

// checkTime keeps out what a claim cannot express: 0 means "no limit" there.
func checkTime(t time.Time) error {
	if t.Unix() <= 0 {
		return errors.New("lies before 1970")
	}
	if t.UTC().Year() > farthestYear {
		return errors.New("too far away")
	}
	return nil
}
