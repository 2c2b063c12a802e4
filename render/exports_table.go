package render

import (
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/jwt/v2"
)

// exportsTable lists exports in the order of the token, which is by subject.
func exportsTable(t *Text, exports jwt.Exports) {
	table := Table{Title: labelExports, Columns: Columns(labelName, labelType, labelSubject, labelPublic, labelAccountToken,
		labelResponse, labelLatency, labelAdvertise, labelAllowTrace, labelDescription, labelInfoURL)}
	for _, e := range exports {
		table.Add(e.Name, e.Type.String(), string(e.Subject), yesNo(!e.TokenReq), position(e.AccountTokenPosition),
			response(e), latency(e.Latency), ifSet(e.Advertise), ifSet(e.AllowTrace), e.Description, e.InfoURL)
	}
	t.compact(table)
}

// importsTable lists imports in the order of the token, which is by subject.
func importsTable(t *Text, imports jwt.Imports, names Names, now time.Time) {
	table := Table{Title: labelImports, Columns: Columns(labelName, labelType, labelRemote, labelLocal, labelFromAccount,
		labelActivation, labelShare, labelAllowTrace)}
	table.Columns[4].ID = true
	for _, i := range imports {
		remote, local := sides(i)
		table.Add(i.Name, i.Type.String(), remote, local, names.short(i.Account),
			activationOf(i.Token, now), ifSet(i.Share), ifSet(i.AllowTrace))
	}
	t.compact(table)
}

// compact writes a table without the columns that no row fills, and nothing at all if it has no rows.
func (t *Text) compact(table Table) {
	if len(table.Rows) == 0 {
		return
	}
	out := Table{Title: table.Title, Rows: make([]Row, len(table.Rows))}
	for i, column := range table.Columns {
		if !fills(table.Rows, i) {
			continue
		}
		out.Columns = append(out.Columns, column)
		for r, row := range table.Rows {
			out.Rows[r].Cells = append(out.Rows[r].Cells, row.Cells[i])
		}
	}
	t.Table(out)
}

func fills(rows []Row, column int) bool {
	for _, row := range rows {
		if row.Cells[column] != "" {
			return true
		}
	}
	return false
}

// ifSet is yesNo for what is off nearly everywhere.
func ifSet(on bool) string {
	if on {
		return "Yes"
	}
	return ""
}

// position counts from 1; 0 means that the subject names no account.
func position(n uint) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(n), 10)
}

func response(e *jwt.Export) string {
	if !e.IsService() {
		return ""
	}
	kind := string(e.ResponseType)
	if kind == "" {
		kind = jwt.ResponseTypeSingleton
	}
	if e.ResponseThreshold > 0 {
		kind += " within " + e.ResponseThreshold.String()
	}
	return kind
}

func latency(l *jwt.ServiceLatency) string {
	if l == nil {
		return ""
	}
	return string(l.Results) + " (" + sampling(l.Sampling) + ")"
}

// sampling says of which requests the latency is measured.
func sampling(rate jwt.SamplingRate) string {
	if rate == jwt.Headers {
		return "by header"
	}
	return percent(int64(rate))
}

// sides returns the subject of an import in the exporting account and in the importing one. To is what older tokens have
// instead of LocalSubject: the subject of the receiving side, which for a service is the exporter's.
func sides(i *jwt.Import) (remote, local string) {
	remote, local = string(i.Subject), string(i.Subject)
	switch {
	case i.LocalSubject != "":
		local = string(i.LocalSubject)
	case i.GetTo() != "" && i.IsService():
		remote = i.GetTo()
	case i.GetTo() != "":
		local = i.GetTo()
	}
	return remote, local
}

// activationOf says what an import's token is: nothing for a public export, a token with its expiry, or where to get one.
func activationOf(token string, now time.Time) string {
	if token == "" {
		return ""
	}
	if strings.Contains(token, "://") {
		return token
	}
	c, err := jwt.DecodeActivationClaims(token)
	if err != nil {
		return "Invalid"
	}
	if c.Expires == 0 {
		return "Never expires"
	}
	return "Expires " + Time(c.Expires).When(now, "")
}
