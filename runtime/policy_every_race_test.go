//go:build race

package runtime_test

// policyEvery is which part of the combinations of policies is gone through: the
// race detector makes each ten times as slow.
const policyEvery = 7
