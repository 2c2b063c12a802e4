package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// prepare gives a child its limits.
func prepare(kind, value string) error {
	switch kind {
	case "plain":
		return nil
	case "fsize":
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return err
		}
		return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
	}
	return fmt.Errorf("%s: is not known", kind)
}

// TestFileSizeLimit lets processes write files of so many bytes only: what is
// larger fails as on a full disk, and the process lives to say so.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	for _, limit := range []int{0, 1, 100, 300, 500, 700} {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			t.Parallel()
			h := newHome(t, usual()...)
			for _, line := range []string{"add user V -a A", "edit account A --sk generate --tag x", "delete user U -a A"} {
				old := h.look(t)
				r := h.runChild(t, "fsize="+strconv.Itoa(limit), line)
				if r.code != 1 || !strings.Contains(r.stderr, "file too large") || !strings.Contains(r.stderr, h.dir) {
					t.Errorf("nkeep %s: %s", line, r)
				}
				if diff := old.diff(h.look(t)); diff != "" {
					t.Errorf("nkeep %s: %s", line, diff)
				}
			}
			if r := h.runChild(t, "fsize="+strconv.Itoa(limit), "list users -a A"); r.code != 0 {
				t.Errorf("a reader: %s", r)
			}
			h.must(t, "add user V -a A")
			h.verify(t, false)
		})
	}
}

// diskEnv says to a test where it finds a small disk to be mounted.
const diskEnv = "NKEEP_FAULTS_DISK"

// TestFullDisk gives commands a disk on which no page is free, then one, then
// two, until they succeed; and the same with inodes.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(diskEnv); dir != "" {
		onSmallDisk(t, dir)
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self, "-test.run=^TestFullDisk$", "-test.v")
	c.Env = append(os.Environ(), diskEnv+"="+t.TempDir(), "GORACE=atexit_sleep_ms=0")
	c.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Geteuid() != 0 { // in a namespace of its own everybody is root
		c.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		c.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}}
		c.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}}
	}
	out, err := c.CombinedOutput()
	switch {
	case c.ProcessState == nil:
		t.Skipf("%sno namespace for a small disk: %v", notHere, err)
	case strings.Contains(string(out), notHere):
		t.Skip(string(out))
	case err != nil:
		t.Errorf("%v: %s", err, out)
	}
}

// onSmallDisk runs where a mount is seen by nobody else and ends with the process.
func onSmallDisk(t *testing.T, dir string) {
	t.Helper()
	const inodes = 200
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skipf("%s%v", notHere, err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=1m,nr_inodes=%d,mode=700", inodes)); err != nil {
		t.Skipf("%s%v", notHere, err)
	}
	h := &home{dir: filepath.Join(dir, "home"), env: map[string]string{}, now: time.Now}
	if err := os.Mkdir(h.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	// Each command is a process of its own, and its directories are closed when it
	// ends: one that is removed but open would give its inode back at any moment.
	for _, line := range usual() {
		if r := h.runChild(t, "plain", line); r.code != 0 {
			t.Fatalf("nkeep %s: %s", line, r)
		}
	}
	old := h.look(t)
	for what, fill := range map[string]func(t *testing.T, dir string, free int){"pages": fillPages, "inodes": fillInodes} {
		for _, line := range []string{"add user V -a A", "add account B", "edit account A --sk generate", "delete user U -a A --rm-nkey --rm-creds"} {
			h.restore(t, old)
			free := 0
			for ; ; free++ {
				filler := filepath.Join(dir, "filler")
				fill(t, filler, free)
				r := h.runChild(t, "plain", line)
				diff := old.diff(h.look(t))
				if err := os.RemoveAll(filler); err != nil {
					t.Fatal(err)
				}
				if r.code == 0 {
					break
				}
				if r.code != 1 || diff != "" || !strings.Contains(r.stderr, "no space left") || !strings.Contains(r.stderr, h.dir) {
					t.Errorf("%d free %s: nkeep %s: %s\n%s", free, what, line, r, diff)
				}
			}
			if free < 2 {
				t.Errorf("nkeep %s: %d free %s suffice: the disk was not full", line, free, what)
			}
			h.verify(t, false)
		}
	}
}

// fillPages leaves so many pages free.
func fillPages(t *testing.T, dir string, free int) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "f"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	page, size := make([]byte, os.Getpagesize()), int64(0)
	for n := 0; err == nil; size += int64(n) {
		n, err = f.Write(page)
	}
	if err := f.Truncate(max(0, size-int64(free*len(page)))); err != nil || size == 0 {
		t.Fatal(size, err)
	}
}

// fillInodes leaves so many inodes free.
func fillInodes(t *testing.T, dir string, free int) {
	t.Helper()
	err := os.Mkdir(dir, 0o700)
	n := 0
	for ; err == nil; n++ {
		err = os.WriteFile(filepath.Join(dir, strconv.Itoa(n)), nil, 0o600)
	}
	for i := range min(free, n-1) {
		if err := os.Remove(filepath.Join(dir, strconv.Itoa(i))); err != nil {
			t.Fatal(err)
		}
	}
}
