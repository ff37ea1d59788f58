package source

import (
	"io"
	"slices"
	"unicode/utf8"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/database"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	rowChunk  = 256 << 10 // is written at once
	toldEvery = 16        // rows: few enough that it shows when they come, one by one
)

// rowWriter writes the rows of a query as CSV (RFC 4180, with lines that end in \n)
// or as one JSON object a line.
//
// CSV tells NULL from the empty text: NULL is the text of null without quotes,
// which is nothing if it is not set; the same text as a value is in quotes. Where
// that is a line of nothing, which readers pass over, the row is refused.
type rowWriter struct {
	to     io.Writer
	format string // csv, jsonl
	null   string
	names  []string
	keys   [][]byte // of JSON: {"id": and ,"name":
	buf    []byte
	row    int64
	bytes  int64 // that were written

	progress func(graph.Transfer) // may be nil
	limit    func(n int) error    // may be nil
}

// Begin takes the names of the columns.
func (w *rowWriter) Begin(columns []string) error {
	w.buf = make([]byte, 0, rowChunk+rowChunk/4)
	w.names = slices.Clone(columns)
	for i, name := range columns {
		if first := slices.Index(columns, name); first < i {
			return value.Misconfigured.Errorf("read the answer to the query", "columns %d and %d are both called %q; name one of them, as in select a.id, b.id as b_id", first+1, i+1, name)
		}
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		w.keys = append(w.keys, append(database.AppendString([]byte{sep}, name), ':'))
	}
	if w.format == "csv" {
		for i, name := range columns {
			if i > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = w.appendCSV(w.buf, []byte(name))
		}
		w.buf = append(w.buf, '\n')
	}
	return nil
}

// Row writes a row.
func (w *rowWriter) Row(fields []database.Field) error {
	w.row++
	for i, f := range fields {
		var err error
		if w.format == "csv" {
			if i > 0 {
				w.buf = append(w.buf, ',')
			}
			switch {
			case f.Null && w.null == "" && len(fields) == 1:
				return value.Misconfigured.Errorf("read the answer to the query", "column %q of row %d is NULL, and a line of CSV with nothing in it is passed over by many readers; write null = \"NULL\" or format = \"jsonl\"", w.names[i], w.row)
			case f.Null:
				w.buf = append(w.buf, w.null...)
			case !utf8.Valid(f.Text):
				err = database.ErrNotUTF8
			default:
				w.buf = w.appendCSV(w.buf, f.Text)
			}
		} else {
			w.buf = append(w.buf, w.keys[i]...)
			w.buf, err = f.AppendJSON(w.buf)
		}
		if err != nil {
			return value.Failed.Errorf("read the answer to the query", "column %q of row %d: %w", w.names[i], w.row, err)
		}
	}
	if w.format != "csv" {
		w.buf = append(w.buf, '}')
	}
	w.buf = append(w.buf, '\n')
	if w.progress != nil && w.row%toldEvery == 0 {
		w.progress(graph.Transfer{Bytes: w.bytes + int64(len(w.buf)), Rows: w.row})
	}
	if len(w.buf) < rowChunk {
		return nil
	}
	return w.flush()
}

func (w *rowWriter) flush() error {
	n, err := w.to.Write(w.buf)
	w.bytes += int64(n)
	w.buf = w.buf[:0]
	if err != nil {
		return value.Failed.Wrap("write the rows", err)
	}
	for w.limit != nil && n > 0 {
		if err := w.limit(min(n, rowChunk)); err != nil {
			return err
		}
		n -= rowChunk
	}
	return nil
}

// appendCSV appends a value, in quotes where it would be read as something else
// without.
func (w *rowWriter) appendCSV(to, text []byte) []byte {
	quote := string(text) == w.null
	for _, c := range text {
		if c == '"' || c == ',' || c == '\n' || c == '\r' {
			quote = true
			break
		}
	}
	if !quote {
		return append(to, text...)
	}
	to = append(to, '"')
	for _, c := range text {
		if c == '"' {
			to = append(to, '"')
		}
		to = append(to, c)
	}
	return append(to, '"')
}
