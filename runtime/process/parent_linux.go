package process

import "syscall"

// dieWithParent has the kernel kill the program when this process is killed, so
// that the program that is started again after a restart is the only one.
func dieWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
