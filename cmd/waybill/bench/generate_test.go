package bench_test

import (
	"bytes"
	"flag"
	"testing"

	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/waybill-dev/waybill/lang"
)

var (
	into     = flag.String("into", "", "write a generated workspace into this directory")
	ofShape  = flag.String("shape", "sparse", "its shape: sparse, chain, star or foreach")
	couriers = flag.Int("couriers", 1000, "how many couriers it has")
)

// TestGenerate holds the generated workspaces to what the benchmarks presume of
// them: nothing is wrong with them, they are formatted, and as large as they say.
// With -into it writes one instead.
func TestGenerate(t *testing.T) {
	if *into != "" {
		write(t, *into, generate(*ofShape, *couriers))
		return
	}
	for _, shape := range shapes {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			const n = 130 // more than one file, the last not full
			files := generate(shape, n)
			dir := t.TempDir()
			size := write(t, dir, files)
			ws, list, err := lang.Load(dir, lang.Options{})
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range list {
				t.Errorf("%s: %s: %s", d.Code, d.Summary, d.Detail)
			}
			if ws.Graph == nil {
				t.FailNow()
			}
			if got := len(ws.Graph.Couriers); got < n || got > n+1 {
				t.Errorf("%d couriers, want %d and at most one more", got, n)
			}
			for name, text := range files {
				if !bytes.Equal(hclwrite.Format(text), text) {
					t.Errorf("%s is not formatted", name)
				}
			}
			if per := size / int64(blocks(files)); shape != "foreach" && (per < 405 || per > 465) {
				t.Errorf("a block has %d bytes, want about 435", per)
			}
		})
	}
}

// blocks counts the top-level blocks of files.
func blocks(files map[string][]byte) int {
	n := 0
	for _, text := range files {
		n += bytes.Count(text, []byte("\n}\n"))
	}
	return n
}
