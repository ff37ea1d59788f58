//go:build race

package cron_test

// slowdown divides the size of the samples under the race detector.
const slowdown = 10
