//go:build !race

package runtime_test

// policyEvery is which part of the combinations of policies is gone through.
const policyEvery = 1
