// Nkeep provisions decentralized auth for NATS: nkeys, signed operator, account
// and user tokens, creds, server configuration, and pushes to running servers.
package main

import (
	"os"

	"nkeep/cmd"
)

func main() { os.Exit(cmd.Main()) }
