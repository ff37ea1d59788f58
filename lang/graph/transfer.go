package graph

import (
	"fmt"
	"strings"
	"time"
)

// Transfer is how far data is that is on its way for a while.
type Transfer struct {
	Since time.Time `json:"since"`           // when it began
	At    time.Time `json:"at"`              // when this was so
	File  string    `json:"file,omitempty"`  // that came on last; its path at the source
	Files int       `json:"files"`           // that are done; of a program, that are there
	Of    int       `json:"of"`              // 0: not known, or it does not come in files
	Pages int       `json:"pages,omitempty"` // of an API, that are done
	Rows  int64     `json:"rows,omitempty"`  // of a query, or records of those pages
	Bytes int64     `json:"bytes"`           // that are done
	All   int64     `json:"all"`             // as the source has said; 0: not known
	Rate  int64     `json:"rate,omitempty"`  // bytes a second, of late
}

// Plus adds up transfers that go on at the same time.
func (t Transfer) Plus(o Transfer) Transfer {
	if t.At.IsZero() {
		return o
	}
	if o.Since.Before(t.Since) {
		t.Since = o.Since
	}
	if o.At.After(t.At) {
		t.At, t.File = o.At, o.File
	}
	endless := t.Files > t.Of || o.Files > o.Of // one of them does not know how many files come
	t.Files, t.Of, t.Pages, t.Rows = t.Files+o.Files, t.Of+o.Of, t.Pages+o.Pages, t.Rows+o.Rows
	if endless {
		t.Of = 0
	}
	t.Bytes, t.Rate = t.Bytes+o.Bytes, t.Rate+o.Rate
	if t.All == 0 || o.All == 0 { // nobody knows how much it is in all
		t.All = 0
	} else {
		t.All += o.All
	}
	return t
}

// Left is how long it takes from At on, at the present rate; false where that
// cannot be told.
func (t Transfer) Left() (time.Duration, bool) {
	const longest = 1000 * time.Hour
	left := t.All - t.Bytes
	if t.Rate <= 0 || left < 0 {
		return 0, false
	}
	seconds := float64(left) / float64(t.Rate)
	if seconds > longest.Seconds() {
		return 0, false
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second), true
}

// String says it in a line: "3 of 10 files, 1.2 GB of 4.0 GB (30 %), 52.1 MB/s,
// 54s left", or "12 pages, 3400 records, 5.2 MB, 1.0 MB/s".
func (t Transfer) String() string {
	if t.Files == 0 && t.Of == 0 && t.Pages == 0 && t.Rows == 0 && t.Bytes == 0 && t.All == 0 {
		return "nothing has come yet"
	}
	var parts []string
	switch {
	case t.Of > 1:
		parts = append(parts, fmt.Sprintf("%d of %d files", t.Files, t.Of))
	case t.Of == 0 && t.Files > 0:
		parts = append(parts, Count(t.Files, "file"))
	}
	if t.Pages > 0 {
		parts = append(parts, Count(t.Pages, "page"), Count(t.Rows, "record"))
	} else if t.Rows > 0 {
		parts = append(parts, Count(t.Rows, "row"))
	}
	done := Bytes(t.Bytes)
	if t.All > 0 {
		done += fmt.Sprintf(" of %s (%d %%)", Bytes(t.All), min(100*t.Bytes/t.All, 100))
	}
	parts = append(parts, done)
	if t.Rate > 0 {
		parts = append(parts, Bytes(t.Rate)+"/s")
	} else {
		parts = append(parts, "nothing comes")
	}
	if left, known := t.Left(); known {
		parts = append(parts, Duration(left).String()+" left")
	}
	return strings.Join(parts, ", ")
}

// Count writes a number of things for people: "1 file", "3 files".
func Count[N int | int64](n N, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// Bytes writes a size for people, in units of 1,000: "1.2 GB".
func Bytes(n int64) string {
	const unit = 1000
	if n < unit {
		return fmt.Sprintf("%d B", n)
	}
	size, prefix := float64(n)/unit, 0
	for size >= unit && prefix < len("kMGTPE")-1 {
		size, prefix = size/unit, prefix+1
	}
	return fmt.Sprintf("%.1f %cB", size, "kMGTPE"[prefix])
}
