//go:build unix && !linux

package process

import (
	"errors"
	"syscall"
)

// signalStrays does nothing where a process cannot be asked how it was started.
func signalStrays(string, syscall.Signal) {}

// restrict refuses what it cannot do.
func restrict(int, Limits) error {
	return errors.New("limits of programs need Linux; remove the limits block")
}
