package testscripts

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long scripts wait for what has to happen.
const patience = 20 * time.Second

// server is a nats-server that runs beside a script, in a process of its own,
// so that relative paths in its configuration mean what they mean to people.
type server struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once the process has ended
	log  *bytes.Buffer // to be read after that
}

// cmdServer starts a nats-server on a free port of the loopback interface and
// waits until it listens; NATS_URL and NAME_URL are its URL.
//
//	natsserver one server.conf
func cmdServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: natsserver NAME conf [flag...]")
	}
	name := args[0]
	ports := filepath.Join(ts.Getenv("WORK"), ".ports-"+name)
	ts.Check(os.MkdirAll(ports, 0o700))
	s := &server{done: make(chan struct{}), log: &bytes.Buffer{}}
	s.cmd = exec.Command("nats-server", append([]string{"-c", ts.MkAbs(args[1]), "-a", "127.0.0.1", "-p", "-1", "--ports_file_dir", ports}, args[2:]...)...)
	s.cmd.Dir = ts.MkAbs(".")
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	ts.Check(s.cmd.Start())
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	ts.Defer(s.stop)
	sessionOf(ts).servers[name] = s
	url := s.url(ts, ports)
	ts.Setenv("NATS_URL", url)
	ts.Setenv(name+"_URL", url)
}

// url waits for the file in which the server says where it listens.
func (s *server) url(ts *testscript.TestScript, dir string) string {
	var ports natsserver.Ports
	ok := poll(func() bool {
		select {
		case <-s.done:
			ts.Fatalf("nats-server ended:\n%s", s.log)
		default:
		}
		files, err := filepath.Glob(filepath.Join(dir, "*.ports"))
		if err != nil || len(files) != 1 {
			return false
		}
		data, err := os.ReadFile(files[0])
		return err == nil && json.Unmarshal(data, &ports) == nil && len(ports.Nats) > 0
	})
	if !ok {
		s.stop()
		ts.Fatalf("nats-server does not listen:\n%s", s.log)
	}
	return strings.TrimSuffix(ports.Nats[0], "/")
}

func (s *server) stop() {
	_ = s.cmd.Process.Kill()
	<-s.done
}

// cmdStopServer ends a server.
func cmdStopServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 || sessionOf(ts).servers[args[0]] == nil {
		ts.Fatalf("usage: stopserver NAME")
	}
	sessionOf(ts).servers[args[0]].stop()
}

// cmdServerConf lets nats-server check a configuration, as nats-server -t does
// it and then as it does at its start.
func cmdServerConf(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: serverconf file")
	}
	err := ts.Exec("nats-server", "-t", "-c", ts.MkAbs(args[0]))
	if neg != (err != nil) {
		ts.Fatalf("%s: %v", args[0], err)
	}
}

// poll calls ok until it says so, or patience ends.
func poll(ok func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if ok() {
			return true
		}
		<-time.After(5 * time.Millisecond)
	}
	return false
}
