package render

import (
	"time"

	"github.com/dustin/go-humanize"
)

// Time is a moment in Unix seconds, as JWT claims hold it; 0 means none. In JSON it is RFC 3339 in UTC, or null for none.
type Time int64

// MarshalJSON implements [encoding/json.Marshaler].
func (t Time) MarshalJSON() ([]byte, error) {
	if t == 0 {
		return []byte("null"), nil
	}
	return []byte(`"` + t.String() + `"`), nil
}

// String returns the moment in RFC 3339, UTC, and nothing for none.
func (t Time) String() string {
	if t == 0 {
		return ""
	}
	return time.Unix(int64(t), 0).UTC().Format(time.RFC3339)
}

// When returns the moment for people: RFC 3339 and how far it is from now. None is returned as the given word.
func (t Time) When(now time.Time, none string) string {
	if t == 0 {
		return none
	}
	return t.String() + " (" + humanize.RelTime(time.Unix(int64(t), 0), now, "ago", "from now") + ")"
}
