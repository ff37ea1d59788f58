package lang

import (
	"bytes"
	"iter"
	"regexp"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// parsed is a top-level block. A broken one could be read in part only: its name
// is known, what stands in it is not looked at.
type parsed struct {
	*hclsyntax.Block
	broken bool
	later  *piece // the text of the body, which is still to be parsed; else nil
}

// piece is the text of a chunk.
type piece struct {
	name string
	at   hcl.Pos
	text []byte
}

// parse returns the blocks of a piece. ok is false where it is no list of blocks
// by itself.
func (p piece) parse() (blocks hclsyntax.Blocks, ok bool) {
	file, problems := hclsyntax.ParseConfig(p.text, p.name, p.at)
	body := file.Body.(*hclsyntax.Body)
	return body.Blocks, !problems.HasErrors() && len(body.Attributes) == 0
}

// open parses the body of a block that was put off. Where the piece is not the
// one block that its first line promises, Block is nil afterwards.
func (p *parsed) open() {
	if p.later == nil {
		return
	}
	blocks, ok := p.later.parse()
	p.Block, p.later = nil, nil
	if ok && len(blocks) == 1 && !repeatsOddly(blocks[0]) {
		p.Block = blocks[0]
	}
}

// firstLine is that of a block of which everything that others need to know
// stands in that line.
var firstLine = regexp.MustCompile(`^([a-z_]+)((?:[ \t]+"[A-Za-z_][\w-]*")+)[ \t]*\{[ \t]*\r?\n`)

// heading reads the first line of a piece. It refuses a piece that has to be
// parsed before others can be decoded: variables, locals, and what is repeated.
func (p piece) heading() (*hclsyntax.Block, bool) {
	m := firstLine.FindSubmatchIndex(p.text)
	if m == nil || bytes.Contains(p.text, []byte("for_each")) {
		return nil, false
	}
	place := func(from, to int) hcl.Range {
		at := func(i int) hcl.Pos { return hcl.Pos{Line: p.at.Line, Column: 1 + i, Byte: p.at.Byte + i} }
		return hcl.Range{Filename: p.name, Start: at(from), End: at(to)}
	}
	b := &hclsyntax.Block{Type: string(p.text[:m[3]]), TypeRange: place(0, m[3]), Body: &hclsyntax.Body{}}
	for i := m[4]; i < m[5]; i++ {
		if p.text[i] == '"' {
			end := i + 2 + bytes.IndexByte(p.text[i+1:], '"')
			b.Labels = append(b.Labels, string(p.text[i+1:end-1]))
			b.LabelRanges = append(b.LabelRanges, place(i, end))
			i = end
		}
	}
	return b, b.Type != variableSchema.Type
}

// parsePieces parses the chunks of a file side by side and returns their blocks
// in the order of the file; with later, the bodies of most are put off. ok is
// false where a chunk is not a list of blocks by itself: then the file has an
// error, or is not cut between its blocks. A chunk that parses ends outside of
// all brackets, texts and comments, so the next begins as a file does, and
// together they are what the file is as a whole.
func parsePieces(name string, src []byte, chunks []chunk, later bool) (blocks []parsed, ok bool) {
	found := make([][]parsed, len(chunks))
	var failed atomic.Bool
	sideBySide(len(chunks), func(i int) {
		p := piece{name: name, at: chunks[i].Pos, text: src[chunks[i].Byte:chunks[i].end]}
		if later {
			if b, ok := p.heading(); ok {
				found[i] = []parsed{{Block: b, later: &p}}
				return
			}
		}
		list, ok := p.parse()
		if !ok {
			failed.Store(true)
		}
		for _, b := range list {
			found[i] = append(found[i], parsed{Block: b})
		}
	})
	return slices.Concat(found...), !failed.Load()
}

// sideBySide calls a function for each number below n, as many at a time as there
// are processors, and returns when all are done.
func sideBySide(n int, do func(i int)) {
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			do(i)
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
}

// batch is how many blocks are parsed ahead of those that are decoded: enough to
// keep every processor busy, and few against a large workspace.
const batch = 256

// opened yields blocks in batches, in order, with their bodies. The next batch is
// parsed meanwhile. The trees of a batch are dropped after it.
func opened(blocks []parsed) iter.Seq[[]parsed] {
	return func(yield func([]parsed) bool) {
		var ahead sync.WaitGroup
		defer ahead.Wait()
		parse := func(part []parsed) {
			ahead.Go(func() { sideBySide(len(part), func(i int) { part[i].open() }) })
		}
		parts := slices.Collect(slices.Chunk(blocks, batch))
		for i, part := range parts {
			if i == 0 {
				parse(part)
			}
			ahead.Wait()
			if i+1 < len(parts) {
				parse(parts[i+1])
			}
			if !yield(part) {
				return
			}
			clear(part)
		}
	}
}
