package logs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/runtime/logs"
)

const run = "courier_group.daily@a/b"

func write(t *testing.T, b *logs.Book, p logs.Page, lines ...string) {
	t.Helper()
	w := b.Write(p)
	for _, line := range lines {
		if _, err := w.Write([]byte(line + "\n")); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// texts are all lines of all files, as "TASK TEXT".
func texts(t *testing.T, b *logs.Book, task string, from map[string]int64, most int) []string {
	t.Helper()
	parts, err := b.Read(run, task, from, most)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, p := range parts {
		for _, l := range p.Lines {
			all = append(all, l.Task+" "+l.Text)
			if l.At.IsZero() {
				t.Errorf("the line %q has no time", l.Text)
			}
			if from != nil {
				from[p.File] = l.End
			}
		}
	}
	return all
}

func TestBook(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := logs.Open(dir)
	if got := texts(t, b, "", nil, 10); got != nil {
		t.Errorf("a new book has %q", got)
	}
	load, long := logs.Page{Run: run, Task: `process.load["x"]`, RunAttempt: 1, TaskAttempt: 1}, strings.Repeat("é", 200)
	write(t, b, load, "one", "two")
	write(t, b, load) // nothing is printed: no file is made
	write(t, b, logs.Page{Run: run, Task: long, RunAttempt: 1, TaskAttempt: 1}, "long")
	load.RunAttempt = 2
	write(t, b, load, "three")
	write(t, b, logs.Page{Run: "other", Task: "x"}, "no")
	from := map[string]int64{}
	for _, want := range [][]string{{"one", "three"}, {"two"}, nil} {
		var got []string
		for _, line := range texts(t, b, load.Task, from, 1) {
			got = append(got, strings.TrimPrefix(line, load.Task+" "))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("one line of each file (-want +got):\n%s", diff)
		}
	}
	if got := texts(t, b, long, nil, 10); len(got) != 1 {
		t.Errorf("of a task with a long name there is %q", got)
	}
	if err := b.Remove(run); err != nil {
		t.Fatal(err)
	}
	if got := texts(t, b, "", nil, 10); got != nil {
		t.Errorf("of a run that was removed there is %q", got)
	}
	left, err := filepath.Glob(filepath.Join(dir, "logs", "*"))
	if err != nil || len(left) != 1 {
		t.Errorf("left are %q, %v", left, err)
	}
}

// A program that prints without end keeps its first and its last lines, and the
// file says how many are not there.
func TestALongLogKeepsItsEnds(t *testing.T) {
	t.Parallel()
	b := logs.Open(t.TempDir())
	w := b.Write(logs.Page{Run: run, Task: "x", RunAttempt: 1, TaskAttempt: 1})
	const lines = 40_000
	for i := range lines {
		fmt.Fprintf(w, "%06d %s\n", i, strings.Repeat("x", 90))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	all := texts(t, b, "", map[string]int64{}, 1<<20)
	if !strings.HasPrefix(all[0], "x 000000 ") {
		t.Errorf("the first line is %.20q", all[0])
	}
	parts, err := b.Read(run, "", nil, 1<<20)
	if err != nil || len(parts) != 1 || !parts[0].More {
		t.Fatalf("there is not more than is read at once: %v", err)
	}
	end := parts[0].Lines[len(parts[0].Lines)-1].End
	rest := texts(t, b, "", map[string]int64{parts[0].File: end}, 1<<20)
	if last := rest[len(rest)-1]; !strings.HasPrefix(last, fmt.Sprintf("x %06d ", lines-1)) {
		t.Errorf("the last line is %.40q", last)
	}
	kept, left := 0, 0
	for _, line := range append(all, rest...) {
		var n int
		if _, err := fmt.Sscanf(line, "x [%d lines were left out here]", &n); err == nil {
			left += n
		} else {
			kept++
		}
	}
	if kept+left != lines || left == 0 || kept > 16_000 {
		t.Errorf("of %d lines %d were kept and %d left out", lines, kept, left)
	}
}

// A disk that cannot be written does not hold up a program; its keeper is told.
func TestALogThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "logs"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w := logs.Open(dir).Write(logs.Page{Run: run, Task: "x"})
	if n, err := w.Write([]byte("a\n")); n != 2 || err != nil {
		t.Errorf("a line is written as %d, %v", n, err)
	}
	if err := w.Close(); err == nil {
		t.Error("nobody is told")
	}
}
