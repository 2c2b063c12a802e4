//go:build unix

package examples

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"nkeep/cmd"

	"github.com/itchyny/gojq"
	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"go.yaml.in/yaml/v3"
)

// The programs beside nkeep that examples call stand in for those of the same name,
// which a machine may not have. Each looks at what it is given.

// mainNkeep is nkeep, on a free port where it would take the one it is known for, and
// with time to reach servers on a slow machine.
func mainNkeep() {
	command := strings.Join(os.Args[1:], " ")
	add := func(flag, value string, commands ...string) {
		if slices.Contains(os.Args, flag) {
			return
		}
		for _, c := range commands {
			if command == c || strings.HasPrefix(command, c+" ") {
				os.Args = append(os.Args, flag, value)
			}
		}
	}
	if !slices.Contains(os.Args, "--check") {
		add("--listen", os.Getenv("FREE"), "up")
	}
	add("--listen", "127.0.0.1:0", "serve")
	add("--timeout", "20", "diff", "events", "pull", "push", "server", "tool")
	os.Exit(cmd.Process(randomness(os.Args[1:])))
}

func end(err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
	os.Exit(0)
}

// mainServer is nats-server, of the version in go.mod, on a free port.
func mainServer() {
	usage := func() {}
	args := slices.Concat(os.Args[1:], []string{"-a", "127.0.0.1", "-p", "-1"})
	opts, err := natsserver.ConfigureOptions(flag.NewFlagSet("nats-server", flag.ExitOnError), args, usage, usage, usage)
	if err != nil {
		end(err)
	}
	s, err := natsserver.NewServer(opts)
	if err != nil {
		end(err)
	}
	s.ConfigureLogger()
	if err := natsserver.Run(s); err != nil {
		end(err)
	}
	s.WaitForShutdown()
}

// mainNats stands in for nats --creds FILE sub or pub SUBJECT [TEXT].
func mainNats() {
	if len(os.Args) < 5 || os.Args[1] != "--creds" {
		end(errors.New("--creds, a verb and a subject are wanted"))
	}
	conn, err := nats.Connect(os.Getenv("SERVER"), nats.UserCredentials(os.Args[2]))
	if err != nil {
		end(err)
	}
	switch subject := os.Args[4]; os.Args[3] {
	case "sub":
		_, err = conn.SubscribeSync(subject)
	case "pub":
		err = conn.Publish(subject, []byte(os.Args[5]))
	default:
		err = errors.New("no such verb")
	}
	end(errors.Join(err, conn.Flush(), conn.LastError()))
}

// mainSeed stands in for programs that keep secrets: the operator's seed.
func mainSeed() {
	key, err := os.ReadFile("operator.nk")
	fmt.Println(string(key))
	end(err)
}

// mainJQ is jq, with -r as its only flag. It fails when it has nothing to read, or
// when a filter fits nothing.
func mainJQ() {
	args := slices.DeleteFunc(os.Args[1:], func(arg string) bool { return arg == "-r" })
	if len(args) != 1 {
		end(errors.New("one filter is wanted"))
	}
	filter, err := gojq.Parse(args[0])
	if err != nil {
		end(err)
	}
	read := 0
	for in := json.NewDecoder(os.Stdin); ; read++ {
		var value any
		if err := in.Decode(&value); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			end(err)
		}
		for results := filter.Run(value); ; {
			result, ok := results.Next()
			if !ok {
				break
			}
			if err, ok := result.(error); ok {
				end(err)
			}
			if result == nil {
				end(errors.New("there is no such field"))
			}
			fmt.Println(result)
		}
	}
	if read == 0 {
		end(errors.New("no JSON on standard input"))
	}
	end(nil)
}

// mainKubectl stands in for kubectl apply -f -.
func mainKubectl() {
	var object struct{ Kind string }
	err := yaml.NewDecoder(os.Stdin).Decode(&object)
	if err == nil && object.Kind == "" {
		err = errors.New("no object on standard input")
	}
	end(err)
}

// mainHelm stands in for helm install NAME CHART -f FILE.
func mainHelm() {
	data, err := os.ReadFile(os.Args[len(os.Args)-1])
	if err != nil {
		end(err)
	}
	var values map[string]any
	end(yaml.Unmarshal(data, &values))
}

// mainDocker stands in for docker compose --project-directory DIR up.
func mainDocker() {
	data, err := os.ReadFile(filepath.Join(os.Args[slices.Index(os.Args, "--project-directory")+1], "compose.yaml"))
	if err != nil {
		end(err)
	}
	var file struct{ Services map[string]any }
	err = yaml.Unmarshal(data, &file)
	if err == nil && len(file.Services) == 0 {
		err = errors.New("no services")
	}
	end(err)
}

// mainDot stands in for dot -Tsvg.
func mainDot() {
	data, err := io.ReadAll(os.Stdin)
	if err == nil && !strings.HasPrefix(string(bytes.TrimSpace(data)), "digraph") {
		err = errors.New("no graph on standard input")
	}
	end(err)
}
