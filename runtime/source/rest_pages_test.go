//go:build !race

package source_test

// manyPages is how many TestRESTManyPages turns.
const manyPages = 100_000
