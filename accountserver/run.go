package accountserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"
)

// graceful is how long answers under way have to finish at the end.
const graceful = 5 * time.Second

// Run serves on l until ctx ends, and then lets the answers under way finish.
// At most connections are open at a time; more have to wait. bridge may be nil.
func (s *Server) Run(ctx context.Context, l net.Listener, connections int, bridge *Bridge) error {
	group, ctx := errgroup.WithContext(ctx)
	web := s.HTTP()
	l = netutil.LimitListener(l, connections)
	if certs := s.o.Certificates; certs != nil {
		l = certs.secure(l) // outermost, so that the HTTP server knows that there is TLS
		group.Go(func() error { return certs.follow(ctx) })
	}
	group.Go(func() error {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve on %q: %w", l.Addr(), err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
		defer cancel()
		if err := web.Shutdown(end); err != nil {
			return web.Close() // some answer takes too long
		}
		return nil
	})
	group.Go(func() error { return s.Follow(ctx) })
	if bridge != nil {
		group.Go(func() error { return bridge.Run(ctx) })
	}
	return group.Wait()
}
