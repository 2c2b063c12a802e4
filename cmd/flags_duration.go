package cmd

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func bindDuration(f *pflag.FlagSet, to **time.Duration, name, usage string) {
	f.Var(optional[time.Duration]{to, parseDuration, "duration"}, name, usage)
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, errors.New("is not a duration such as 500ms, 5s or 1m30s")
	case d < 0:
		return 0, errors.New("is negative")
	}
	return d, nil
}

// firstExample is the first line of a command's example.
func firstExample(c *cobra.Command) string {
	line, _, _ := strings.Cut(strings.TrimLeft(c.Example, "\n"), "\n")
	return " " + strings.TrimSpace(line)
}
