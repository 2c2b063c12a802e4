package testscripts

import (
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdNextSecond waits until another second has begun: tokens tell the time of
// their signing in whole ones.
func cmdNextSecond(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: nextsecond")
	}
	for began := time.Now().Unix(); time.Now().Unix() == began; {
		time.Sleep(5 * time.Millisecond)
	}
}
