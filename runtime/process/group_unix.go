//go:build unix

package process

import (
	"errors"
	"os/exec"
	"syscall"
)

// ownGroup makes the program the leader of a process group, so that everything
// it starts can be ended with it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithParent(cmd.SysProcAttr)
}

// endGroup asks every process of the group to end. A group that is gone is
// what was wanted, so there is no error.
func endGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGTERM) }

// killGroup ends every process of the group that is left.
func killGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) }

func isBusy(err error) bool { return errors.Is(err, syscall.ETXTBSY) }
