package cmd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
)

// listenOn opens an address, host:port, for connections.
func listenOn(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if inner, ok := errors.AsType[*os.SyscallError](err); ok {
		err = inner.Err
	}
	if err != nil {
		return nil, withHint(fmt.Errorf("listen on %q: %w", address, err), "stop what listens there, or choose another port with --listen 127.0.0.1:PORT")
	}
	return l, nil
}
