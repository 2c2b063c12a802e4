package cmd

import (
	"errors"
	"strconv"

	"nkeep/claims"

	"github.com/nats-io/jwt/v2"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// bindExport binds what a new and an existing export share.
func bindExport(c *cobra.Command, e *claims.ExportEdit) {
	f := c.Flags()
	bindExportType(f, "a service, which answers requests; =false for a stream", func(t jwt.ExportType) { e.Type = &t })
	bindSwitch(f, &e.Private, "private", "p", "to be imported only with an activation token")
	f.Var(optional[string]{&e.ResponseType, claims.ParseResponseType, "string"}, "response-type", "how a service responds: Singleton, Stream or Chunked")
	bindDuration(f, &e.ResponseThreshold, "response-threshold", "how long a service may take to respond (500ms, 5s)")
	bindString(f, &e.Latency.Subject, "latency", "", "subject to publish the latency of a service on; empty for none")
	f.Var(optional[jwt.SamplingRate]{&e.Latency.Sampling, claims.ParseSampling, "string"}, "sampling", "which requests to measure: 1 to 100 percent of them, or header")
	bindBool(f, &e.AllowTrace, "allow-trace", "let a message trace go on into a service")
	f.Var(optional[uint]{&e.AccountTokenPosition, parsePosition, "uint"}, "account-token-position", "which token of the subject, from 1, has to be the importing account; 0 for none")
	bindBool(f, &e.Advertise, "advertise", "advertise the export")
	bindString(f, &e.Description, "description", "", "description of the export")
	bindString(f, &e.InfoURL, "info-url", "", "link to more about the export")
	_ = c.RegisterFlagCompletionFunc("response-type", cobra.FixedCompletions(claims.ResponseTypes(), cobra.ShellCompDirectiveNoFileComp))
}

// bindExportType binds --service, by which =false means a stream.
func bindExportType(f *pflag.FlagSet, usage string, set func(jwt.ExportType)) {
	bindService(f, "r", usage, set)
}

// bindService is bindExportType with another shorthand.
func bindService(f *pflag.FlagSet, short, usage string, set func(jwt.ExportType)) {
	f.VarP(into{"bool", func(s string) error {
		service, err := parseBool(s)
		switch {
		case err != nil:
			return err
		case service:
			set(jwt.Service)
		default:
			set(jwt.Stream)
		}
		return nil
	}}, "service", short, usage)
	f.Lookup("service").NoOptDefVal = "true"
}

func parsePosition(s string) (uint, error) {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0, errors.New("is not the position of a token, counted from 1")
	}
	return uint(n), nil
}
