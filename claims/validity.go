package claims

import (
	"github.com/nats-io/jwt/v2"
)

// Standing says whether claims are in force at some time.
type Standing struct {
	Level Level // LevelExpired, LevelNotYetValid, or empty: in force
	At    int64 // when they expired or will be valid, in Unix seconds; 0 in force
}

// StandingAt returns whether c is in force at now, in Unix seconds. An expiry
// or a start of 0 is none. What has expired before it was ever valid has expired.
func StandingAt(c *jwt.ClaimsData, now int64) Standing {
	switch {
	case hasExpired(c, now):
		return Standing{LevelExpired, c.Expires}
	case notYetValid(c, now):
		return Standing{LevelNotYetValid, c.NotBefore}
	}
	return Standing{}
}

// String says it in words that follow a name, and nothing for claims in force.
func (s Standing) String() string {
	switch s.Level {
	case LevelExpired:
		return "has expired on " + utc(s.At)
	case LevelNotYetValid:
		return "is not valid before " + utc(s.At)
	default:
		return ""
	}
}

// hasExpired is true from the second on that is named, as in nats-server.
func hasExpired(c *jwt.ClaimsData, now int64) bool { return c.Expires > 0 && now >= c.Expires }

func notYetValid(c *jwt.ClaimsData, now int64) bool { return c.NotBefore > now }
