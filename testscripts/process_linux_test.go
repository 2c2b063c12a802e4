package testscripts

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestProcessIsClosed looks at a process from outside: /proc gives what is
// inside one that is not dumpable to root, and says nothing of its owner.
func TestProcessIsClosed(t *testing.T) {
	t.Parallel()
	h := someUsersHome(t)
	h.must("nkeep add operator O")
	c := h.sh("exec nkeep add account A -K -")
	stdin, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	started(t, c)
	readsInput(t, stdin)
	proc := filepath.Join("/proc", strconv.Itoa(c.Process.Pid))
	info, err := os.Stat(filepath.Join(proc, "environ"))
	if err != nil {
		t.Fatal(err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || st.Uid != 0 {
		t.Errorf("%s: belongs to uid %d: the process is dumpable", info.Name(), st.Uid)
	}
	limits, err := os.ReadFile(filepath.Join(proc, "limits"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(limits)) {
		if rest, ok := strings.CutPrefix(line, "Max core file size"); ok && strings.Join(strings.Fields(rest)[:2], " ") != "0 0" {
			t.Errorf("a core file may be written: %s", line)
		}
	}
}

// TestDescriptorsOfAClosedProcess makes sure that a process whose /proc/self
// belongs to root still reaches what it has open itself.
func TestDescriptorsOfAClosedProcess(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("needs the <(…) of bash")
	}
	h := someUsersHome(t)
	h.must(`seed=$(nkeep generate nkey -o | head -1)
		nkeep add operator O --sys -K <(echo "$seed")
		nkeep add account A -K fd:3 3< <(echo "$seed")
		nkeep add account B -K /proc/self/fd/4 4< <(echo "$seed")
		nkeep add user u -a A
		nkeep generate creds -a A -n u >want
		nkeep generate creds -a A -n u -o /dev/stdout | cmp - want
		nkeep generate creds -a A -n u -o /dev/fd/5 5>got && cmp got want
		nkeep generate creds -a A -n u -o >(cat >piped) && until cmp -s piped want; do :; done
		nkeep describe jwt -f /dev/fd/6 6<want
		nkeep describe jwt -f <(cat want)
		nkeep describe jwt -f /dev/stdin <want`)
	h.must("nkeep up --check")
}

// someone is a user who is not root.
type someone struct {
	*testing.T
	dir        string
	credential *syscall.Credential // nil where the test itself is not root's
}

// someUsersHome is the home of a user without privileges, with a copy of the
// program that the user may run: root may do everything, so that it proves nothing.
func someUsersHome(t *testing.T) *someone {
	t.Helper()
	h := &someone{T: t, dir: t.TempDir()}
	if os.Geteuid() != 0 {
		return h
	}
	const nobody = 65534
	h.credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	for _, dir := range []string{h.dir, filepath.Dir(h.dir)} {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(h.dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	return h
}

// sh is a shell of the user, in whose path the program is.
func (h *someone) sh(script string) *exec.Cmd {
	h.Helper()
	bin := filepath.Join(h.dir, "bin")
	if _, err := os.Stat(bin); err != nil {
		h.install(bin)
	}
	c := exec.Command("bash", "-euo", "pipefail", "-c", script)
	c.Dir = h.dir
	c.Env = append(os.Environ(), "HOME="+h.dir, "WORK="+h.dir, "GORACE="+noRaceDelay, "PATH="+bin+":"+os.Getenv("PATH"),
		"XDG_CONFIG_HOME=", "XDG_DATA_HOME=", "NSC_HOME=", "NKEYS_PATH=")
	c.SysProcAttr = &syscall.SysProcAttr{Credential: h.credential}
	return c
}

func (h *someone) install(bin string) {
	h.Helper()
	self, err := os.Executable()
	if err != nil {
		h.Fatal(err)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		h.Fatal(err)
	}
	if err := os.Mkdir(bin, 0o755); err != nil {
		h.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, "nkeep"), data, 0o755); err != nil {
		h.Fatal(err)
	}
}

func (h *someone) must(script string) {
	h.Helper()
	if out, err := h.sh(script).CombinedOutput(); err != nil {
		h.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// TestPrompt types a key on a terminal, or ends the question in one of three
// ways: nothing that is typed shows, and the terminal is as it was before.
func TestPrompt(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		typed  string
		signal syscall.Signal
		code   int
	}{
		"nonsense": {"hunter2\r", 0, 2},
		"Ctrl-C":   {"hunter2\x03", 0, 130},
		"SIGINT":   {"", syscall.SIGINT, 130},
		"SIGTERM":  {"", syscall.SIGTERM, 143},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			h := newHome(t)
			h.run("add", "operator", "O")
			master, terminal := openTerminal(t)
			before := modes(t, terminal)
			command := h.command("add", "account", "A", "-K", "-")
			command.Stdin, command.Stderr = terminal, terminal
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			shown := collect(master)
			if !poll(func() bool { return strings.Contains(shown(), "not shown") }) {
				t.Fatalf("does not ask: %q", shown())
			}
			if _, err := io.WriteString(master, c.typed); err != nil {
				t.Fatal(err)
			}
			if c.signal != 0 {
				if err := command.Process.Signal(c.signal); err != nil {
					t.Fatal(err)
				}
			}
			_ = command.Wait()
			if got := command.ProcessState.ExitCode(); got != c.code {
				t.Errorf("exit code %d, not %d: %q", got, c.code, shown())
			}
			if after := modes(t, terminal); after != before {
				t.Errorf("the terminal is left as %+v, was %+v", after, before)
			}
			if !poll(func() bool { return strings.Contains(shown(), "nkeep: ") }) || strings.Contains(shown(), "hunter2") {
				t.Errorf("shown: %q", shown())
			}
		})
	}
}

// openTerminal makes a pseudo-terminal.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals: %v", err)
	}
	t.Cleanup(func() { _ = master.Close() })
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = terminal.Close() })
	return master, terminal
}

func modes(t *testing.T, terminal *os.File) unix.Termios {
	t.Helper()
	m, err := unix.IoctlGetTermios(int(terminal.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return *m
}

// collect gathers what a terminal shows.
func collect(master *os.File) (shown func() string) {
	text := make(chan string, 1)
	text <- ""
	go func() {
		buf := make([]byte, 1024)
		for {
			n, err := master.Read(buf)
			text <- <-text + string(buf[:n])
			if err != nil {
				return
			}
		}
	}()
	return func() string {
		all := <-text
		text <- all
		return all
	}
}
