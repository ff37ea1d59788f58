//go:build race

package runtime_test

// The race detector makes a walk about ten times as long.
const histories, historySteps = 1, 12
