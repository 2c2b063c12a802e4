package cmd

import "golang.org/x/sys/unix"

// harden keeps seeds in memory from other processes of the same user: no
// debugger attaches, /proc shows neither memory nor environment, and a crash
// leaves no core file. Where the kernel refuses, work goes on without: it is a
// second wall, behind the modes of the files.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
