//go:build !race

package runtime_test

// histories is how many random histories are walked, each of so many steps.
const histories, historySteps = 3, 30
