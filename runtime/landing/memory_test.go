package landing_test

import (
	"runtime/debug"
	"testing"
)

// A file of a gigabyte lands in a sixteenth of that. BenchmarkLandSparse does it with
// five. It is alone in the process as long as it does not run in parallel.
func TestALargeFileInLittleMemory(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(64 << 20))
	if peak := landSparse(t, sparse(t, 1<<30)); peak == 0 || peak > 64<<20 {
		t.Errorf("%d MB were in use", peak>>20)
	}
}
