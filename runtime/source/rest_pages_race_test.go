//go:build race

package source_test

// manyPages is fewer under the race detector, which makes each ten times slower.
const manyPages = 10_000
