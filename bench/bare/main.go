// Bare is what a start-up is compared with: a binary that links cobra and
// nats.go, as any NATS command line does, and does nothing.
package main

import (
	"os"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"
)

func main() {
	c := &cobra.Command{Use: "bare", Version: nats.Version}
	if c.Execute() != nil {
		os.Exit(1)
	}
}
