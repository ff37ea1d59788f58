package lang_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

// TestValid loads each directory of testdata/valid and compares its Graph, and
// what is said about it, with golden files.
func TestValid(t *testing.T) {
	t.Parallel()
	for _, dir := range validDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			ws, list, err := lang.Load(dir, lang.Options{Version: version})
			if err != nil {
				t.Fatal(err)
			}
			var said, text bytes.Buffer
			diag.WriteText(&said, list, ws.Sources, diag.TextOptions{Width: 100})
			if ws.Graph == nil {
				t.Fatalf("no graph:\n%s", said.String())
			}
			encoder := json.NewEncoder(&text)
			encoder.SetIndent("", "  ")
			encoder.SetEscapeHTML(false)
			if err := encoder.Encode(ws.Graph); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join(dir, "graph.json"), text.Bytes())
			golden(t, filepath.Join(dir, "diagnostics.txt"), said.Bytes())

			var back graph.Graph
			if err := json.Unmarshal(text.Bytes(), &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ws.Graph, &back, cmpopts.IgnoreUnexported(graph.Graph{})); diff != "" {
				t.Errorf("the graph changed on its way through JSON:\n%s", diff)
			}
			if ws.Graph.Digest() != back.Digest() {
				t.Error("the digest changed on its way through JSON")
			}
		})
	}
}

// TestDigestIsOfTheMeaning shuffles everything that means nothing: which file a
// block is in, the order of blocks and attributes, spacing and comments.
func TestDigestIsOfTheMeaning(t *testing.T) {
	t.Parallel()
	for _, dir := range validDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			ws, _, err := lang.Load(dir, lang.Options{})
			if err != nil {
				t.Fatal(err)
			}
			random := rand.New(rand.NewPCG(1, 2))
			for range 8 {
				shuffled := t.TempDir()
				copyScripts(t, dir, shuffled)
				for name, text := range shuffle(ws.Sources, random) {
					if err := os.WriteFile(filepath.Join(shuffled, name), text, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				again, list, err := lang.Load(shuffled, lang.Options{})
				if err != nil {
					t.Fatal(err)
				}
				if again.Graph == nil {
					t.Fatalf("errors after shuffling: %v", list)
				}
				if diff := cmp.Diff(ws.Graph, again.Graph, cmpopts.IgnoreUnexported(graph.Graph{})); diff != "" {
					t.Fatalf("the graph depends on the order:\n%s", diff)
				}
			}
		})
	}
}

// shuffle deals the blocks of some files out to other files, with everything in
// another order.
func shuffle(sources map[string][]byte, random *rand.Rand) map[string][]byte {
	var blocks []*hclwrite.Block
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		f, _ := hclwrite.ParseConfig(sources[name], name, hclStart)
		blocks = append(blocks, f.Body().Blocks()...)
	}
	random.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	out := map[string][]byte{}
	for _, b := range blocks {
		name := string(rune('a'+random.IntN(3))) + ".hcl"
		var text strings.Builder
		writeBlock(&text, b, random)
		out[name] = append(out[name], text.String()...)
	}
	return out
}

func writeBlock(w *strings.Builder, b *hclwrite.Block, random *rand.Rand) {
	w.WriteString("# shuffled\n" + b.Type())
	for _, l := range b.Labels() {
		w.WriteString(" \"" + l + "\"")
	}
	w.WriteString("   {\n")
	body := b.Body()
	names := slices.Sorted(maps.Keys(body.Attributes()))
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		expr := string(body.GetAttribute(name).Expr().BuildTokens(nil).Bytes())
		w.WriteString(strings.Repeat(" ", random.IntN(4)) + name + "=" + strings.TrimSpace(expr) + "\n\n")
	}
	nested := body.Blocks()
	random.Shuffle(len(nested), func(i, j int) { nested[i], nested[j] = nested[j], nested[i] })
	for _, n := range nested {
		writeBlock(w, n, random)
	}
	w.WriteString("}\n")
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	ws, _, err := lang.Load("testdata/valid/cascade", lang.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		addr graph.Addr
		attr string
		want string // the text at the place
	}{
		{"courier.orders", "", `courier "orders"`},
		{"courier.orders", "landing", `"elsewhere/"`},
		{"courier.orders", "file.orders.pattern", `"orders-{yyyy}{MM}{dd}.csv"`},
		{"courier.orders", "file.orders.optional", `file "orders"`},
		{"courier.orders", "retry.attempts", `courier "orders"`},
		{"courier_group.replaces", "schedule", `"@daily"`},
		{"courier_group.replaces", "dst", `dst`},
		{"courier_group.replaces", "dst.gap", `dst`},
		{"courier_group.replaces", "dst.class", `"fixed"`},
		{"courier_group.replaces", "courier.bucket", `courier "bucket"`},
		{"courier_group.replaces", "courier.bucket.offset", `offset`},
		{"courier_group.replaces", "courier.bucket.offset.months", `1`},
		{"courier_group.replaces", "courier.bucket.on_missing", `"continue"`},
		{"courier_group.replaces", "courier.other.use", `courier.bucket`},
		{"courier_group.inherits", "couriers", `[courier.orders, courier.orders]`},
		{"courier_group.inherits", "courier.orders", `courier.orders`},
		{"courier_group.inherits", "courier.orders.wait", `wait`},
		{"courier_group.inherits", "file_dates", `courier_group "inherits"`},
		{"waybill", "landing", `"/srv/landing"`},
	} {
		at := ws.Graph.Place(tt.addr, tt.attr)
		if at == nil {
			t.Errorf("%s %s has no place", tt.addr, tt.attr)
			continue
		}
		if got := string(ws.Sources[at.Filename][at.Start.Byte:at.End.Byte]); got != tt.want {
			t.Errorf("%s %q is placed at %q, want %q", tt.addr, tt.attr, got, tt.want)
		}
	}
	if ws.Graph.Place("courier.nobody", "") != nil {
		t.Error("a block that is not there has a place")
	}
}

func validDirs(t *testing.T) []string {
	t.Helper()
	dirs, err := filepath.Glob("testdata/valid/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no valid examples: %v", err)
	}
	return dirs
}

func copyScripts(t *testing.T, from, to string) {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(from, "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range scripts {
		if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), readFile(t, path), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var hclStart = hcl.InitialPos
