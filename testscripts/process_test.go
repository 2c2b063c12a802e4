package testscripts

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"nkeep/cmd"

	natsserver "github.com/nats-io/nats-server/v2/server"
)

// mainNkeep is the nkeep of scripts: the real one, but for its randomness.
func mainNkeep() { os.Exit(cmd.Process(randomness(os.Args[1:]))) }

// randomness makes the keys of a command line come out the same in each run of
// a script, and differ between command lines. A script that repeats a command
// line and wants other keys sets SEED.
func randomness(args []string) io.Reader {
	line := os.Getenv("SEED") + "\x00" + strings.Join(args, "\x00")
	return rand.NewChaCha8(sha256.Sum256([]byte(strings.ReplaceAll(line, os.Getenv("WORK"), "$WORK"))))
}

// mainServer is nats-server, of the version in go.mod.
func mainServer() {
	fail := func(err error) {
		fmt.Fprintf(os.Stderr, "nats-server: %v\n", err)
		os.Exit(1)
	}
	usage := func() {}
	opts, err := natsserver.ConfigureOptions(flag.NewFlagSet("nats-server", flag.ExitOnError), os.Args[1:], usage, usage, usage)
	if err != nil {
		fail(err)
	}
	if opts.CheckConfig {
		return
	}
	s, err := natsserver.NewServer(opts)
	if err != nil {
		fail(err)
	}
	s.ConfigureLogger()
	if err := natsserver.Run(s); err != nil {
		fail(err)
	}
	s.WaitForShutdown()
}

// mainParallel runs a command line N times at once, {} being 0 to N-1, and
// fails if one of them does.
func mainParallel() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		panic(err)
	}
	var (
		wg     sync.WaitGroup
		mu     sync.Mutex
		failed int
	)
	for i := range n {
		wg.Go(func() {
			var args []string
			for _, a := range os.Args[2:] {
				args = append(args, strings.ReplaceAll(a, "{}", strconv.Itoa(i)))
			}
			out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed++
				fmt.Fprintf(os.Stderr, "%d: %v: %s\n", i, err, out)
			}
		})
	}
	wg.Wait()
	if failed > 0 {
		os.Exit(1)
	}
}
