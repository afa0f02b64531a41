package postgrestest

import "syscall"

// endWithParent has the system end the process when the thread that started it
// ends.
func endWithParent(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGQUIT }
