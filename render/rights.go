package render

import (
	"strconv"
	"time"

	"nkeep/claims"

	"github.com/dustin/go-humanize"
	"github.com/nats-io/jwt/v2"
)

// rights adds the permissions and limits of a user, or of a scope's template.
func (f *fields) rights(l *jwt.UserPermissionLimits) {
	f.permissions(&l.Permissions)
	f.add(labelMaxSubscriptions, count(l.Subs))
	f.add(labelMaxData, size(l.Data))
	f.add(labelMaxPayload, size(l.Payload))
	f.yesNo(labelBearer, l.BearerToken)
	if l.ProxyRequired {
		f.yesNo(labelProxyRequired, true)
	}
	f.set(labelSourceNetworks, l.Src)
	f.set(labelConnectionTypes, l.AllowedConnectionTypes)
	f.list(labelConnectionTimes, timeRanges(l.Times))
	f.optional(labelTimesLocation, l.Locale)
}

func timeRanges(ranges []jwt.TimeRange) []string {
	var out []string
	for _, r := range ranges {
		out = append(out, timeRange(r))
	}
	return out
}

func timeRange(r jwt.TimeRange) string { return r.Start + " - " + r.End }

// permissions adds subjects and response permissions; a token that names none grants everything.
func (f *fields) permissions(p *jwt.Permissions) {
	f.set(labelPubAllow, p.Pub.Allow)
	f.set(labelPubDeny, p.Pub.Deny)
	f.set(labelSubAllow, p.Sub.Allow)
	f.set(labelSubDeny, p.Sub.Deny)
	if p.Resp == nil {
		return
	}
	f.add(labelMaxResponses, responses(p.Resp.MaxMsgs))
	f.add(labelResponseTime, responseTime(p.Resp.Expires))
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

// size shows a limit in bytes, in the unit it was most likely given in, and exactly
// where that is not the same.
func size(n int64) string {
	if n < 0 {
		return count(n)
	}
	exact := strconv.FormatInt(n, 10) + " bytes"
	if n < 1000 {
		return exact
	}
	unit := humanize.Bytes(uint64(n))
	if n%1024 == 0 {
		unit = humanize.IBytes(uint64(n))
	}
	if of, err := claims.ParseNumber(unit); err == nil && of == n {
		return unit
	}
	return unit + " (" + exact + ")"
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
