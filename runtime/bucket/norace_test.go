//go:build !race

package bucket_test

// What the suite takes for a long list and a large file.
const (
	manyFiles = 10_001
	largeFile = 17<<20 + 3
)
