package render

import (
	"strconv"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/nats-io/jwt/v2"
)

// rights adds the permissions and limits of a user, or of a scope's template.
func (f *fields) rights(l *jwt.UserPermissionLimits) {
	f.permissions(&l.Permissions)
	f.add("Max Subscriptions", count(l.Subs))
	f.add("Max Data", size(l.Data))
	f.add("Max Msg Payload", size(l.Payload))
	f.yesNo("Bearer Token", l.BearerToken)
	if l.ProxyRequired {
		f.yesNo("Proxy Required", true)
	}
	f.set("Source Networks", l.Src)
	f.set("Connection Types", l.AllowedConnectionTypes)
	f.list("Connection Times", timeRanges(l.Times))
	f.optional("Times Location", l.Locale)
}

func timeRanges(ranges []jwt.TimeRange) []string {
	var out []string
	for _, r := range ranges {
		out = append(out, r.Start+" - "+r.End)
	}
	return out
}

// permissions adds subjects and response permissions; a token that names none grants everything.
func (f *fields) permissions(p *jwt.Permissions) {
	f.set("Pub Allow", p.Pub.Allow)
	f.set("Pub Deny", p.Pub.Deny)
	f.set("Sub Allow", p.Sub.Allow)
	f.set("Sub Deny", p.Sub.Deny)
	if p.Resp == nil {
		return
	}
	f.add("Max Responses", responses(p.Resp.MaxMsgs))
	f.add("Response Time", responseTime(p.Resp.Expires))
}

// count shows a limit. Only negative numbers are unlimited: the server enforces a limit of 0.
func count(n int64) string {
	switch {
	case n == jwt.NoLimit:
		return "Unlimited"
	case n < 0:
		return "Unlimited (" + strconv.FormatInt(n, 10) + ")"
	default:
		return strconv.FormatInt(n, 10)
	}
}

// size shows a limit in bytes, in the unit it was most likely given in, and exactly.
func size(n int64) string {
	if n < 0 {
		return count(n)
	}
	exact := strconv.FormatInt(n, 10) + " bytes"
	switch {
	case n < 1000:
		return exact
	case n%1024 == 0:
		return humanize.IBytes(uint64(n)) + " (" + exact + ")"
	default:
		return humanize.Bytes(uint64(n)) + " (" + exact + ")"
	}
}

// responses shows how often one request may be answered; the server reads 0 as its default.
func responses(n int) string {
	if n == 0 {
		return "1 (default)"
	}
	return count(int64(n))
}

// responseTime shows how long a request may be answered; the server reads 0 as its default.
func responseTime(d time.Duration) string {
	switch {
	case d == 0:
		return "2m0s (default)"
	case d < 0:
		return "Unlimited"
	default:
		return d.String()
	}
}
