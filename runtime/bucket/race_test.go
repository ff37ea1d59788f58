//go:build race

package bucket_test

// Under the race detector, which makes bytes and requests ten times as dear, the
// suite takes fewer of them: as many as make more than one page or part.
const (
	manyFiles = 1_001
	largeFile = 11<<20 + 3
)
