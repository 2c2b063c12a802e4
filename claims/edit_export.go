package claims

import (
	"errors"
	"slices"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// ExportEdit changes an export of an account. A nil field leaves its value alone;
// a pointer to "", 0 or false removes it. The subject is what identifies an
// export and does not change.
type ExportEdit struct {
	// Name is the subject where it is empty: every export has a name.
	Name *string `json:"name,omitempty"`
	// Type is jwt.Stream or jwt.Service. A stream that becomes a service sends
	// single responses; a service that becomes a stream loses its response type.
	Type *jwt.ExportType `json:"type,omitempty"`
	// Private exports can be imported only with an activation token.
	Private *bool `json:"private,omitempty"`
	// ResponseType, of a service, is one of ResponseTypes.
	ResponseType *string `json:"response_type,omitempty"`
	// ResponseThreshold, of a service, is how long a response may take: in
	// nanoseconds, 0 for as long as the server says.
	ResponseThreshold *time.Duration `json:"response_threshold,omitempty"`
	Latency           LatencyEdit    `json:"latency,omitzero"`
	// AccountTokenPosition counts the tokens of the subject from 1: that one, a *,
	// must be the public key of the importing account. Only public exports have it.
	AccountTokenPosition *uint   `json:"account_token_position,omitempty"`
	AllowTrace           *bool   `json:"allow_trace,omitempty"` // of a service
	Advertise            *bool   `json:"advertise,omitempty"`
	Description          *string `json:"description,omitempty"` // at most jwt.MaxInfoLength bytes
	InfoURL              *string `json:"info_url,omitempty"`    // with a scheme and a host
	// Revocations are of activations, by the public keys of the accounts they are for.
	Revocations RevocationsEdit `json:"revocations,omitzero"`
}

// LatencyEdit changes how the latency of a service is measured.
type LatencyEdit struct {
	// Subject is where measurements are published; "" ends them.
	Subject *string `json:"subject,omitempty"`
	// Sampling is the share of requests that are measured, in percent from 1 to
	// 100, or jwt.Headers for those whose headers ask for it. A new measurement
	// takes all of them unless told otherwise.
	Sampling *jwt.SamplingRate `json:"sampling,omitempty"`
}

// Empty reports whether the edit changes nothing.
func (e ExportEdit) Empty() bool {
	return e.Name == nil && e.Type == nil && e.Private == nil && e.ResponseType == nil && e.ResponseThreshold == nil &&
		e.Latency.Empty() && e.AccountTokenPosition == nil && e.AllowTrace == nil && e.Advertise == nil &&
		e.Description == nil && e.InfoURL == nil && e.Revocations.Empty()
}

// Empty reports whether the edit changes nothing.
func (e LatencyEdit) Empty() bool { return e == LatencyEdit{} }

// Apply makes the edit and returns what changed, by fields of the export alone. If
// it returns an error, which names every value that is refused, x is as it was.
// It does not look at other exports: EditExport does.
func (e ExportEdit) Apply(x *jwt.Export) ([]Change, error) {
	next, err := e.edited(x)
	if err != nil {
		return nil, err
	}
	known := exportProblems(x)
	var errs []error
	for _, p := range exportProblems(next) {
		if !slices.ContainsFunc(known, func(k error) bool { return k.Error() == p.Error() }) {
			errs = append(errs, p)
		}
	}
	if err := exportError(x, errs...); err != nil {
		return nil, err
	}
	changes, err := diff("", x, next)
	if err != nil {
		return nil, err
	}
	*x = *next
	return changes, nil
}

// edited returns a copy of x as edited, which may be one that is refused.
func (e ExportEdit) edited(x *jwt.Export) (*jwt.Export, error) {
	next := *x
	set(&next.Name, e.Name)
	if next.Name == "" && e.Name != nil {
		next.Name = string(next.Subject)
	}
	set(&next.TokenReq, e.Private)
	set(&next.ResponseThreshold, e.ResponseThreshold)
	set(&next.AccountTokenPosition, e.AccountTokenPosition)
	set(&next.AllowTrace, e.AllowTrace)
	set(&next.Advertise, e.Advertise)
	err := exportError(x,
		e.applyType(&next),
		setParsed(&next.Description, e.Description, parseDescription),
		setParsed(&next.InfoURL, e.InfoURL, parseInfoURL),
		e.Latency.apply(&next.Latency),
		e.Revocations.apply(&next.Revocations, "an account", nkeys.IsValidPublicAccountKey),
	)
	return &next, err
}

// applyType sets the type and, as it depends on it, the response type. A service
// that names none sends single responses: saying so does not change it.
func (e ExportEdit) applyType(x *jwt.Export) error {
	was := x.Type
	set(&x.Type, e.Type)
	switch {
	case x.Type == was:
	case x.IsService():
		x.ResponseType = jwt.ResponseTypeSingleton
	default:
		x.ResponseType = ""
	}
	next := x.ResponseType
	err := setParsed(&next, e.ResponseType, ParseResponseType)
	if next != jwt.ResponseTypeSingleton || !x.IsSingleResponse() {
		x.ResponseType = next
	}
	return err
}

func (e LatencyEdit) apply(latency **jwt.ServiceLatency) error {
	if e.Empty() {
		return nil
	}
	next := jwt.ServiceLatency{Sampling: 100}
	if *latency != nil {
		next = **latency
	}
	if e.Subject != nil {
		next.Results = jwt.Subject(*e.Subject)
	}
	set(&next.Sampling, e.Sampling)
	switch {
	case next.Results == "" && e.Sampling != nil:
		return errors.New("latency sampling: needs a latency subject")
	case next.Results == "":
		*latency = nil
	default:
		*latency = &next
	}
	return nil
}
