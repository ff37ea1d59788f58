package logs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Line is one line that a program has printed.
type Line struct {
	At   time.Time
	Task string
	Text string

	File string // its name in the folder of the run
	End  int64  // where in the file the next line begins
}

// Part is lines of one file, from where one has read to.
type Part struct {
	File  string
	Lines []Line
	More  bool // there are more than were asked for
}

// atOnce bounds what is read of one file, in bytes.
const atOnce = 1 << 20

// Read returns what the programs of a run, or of one of its tasks, have printed
// behind the positions from, by file: at most so many lines of each. A line that
// is only half written is left for the next time.
func (b *Book) Read(run, task string, from map[string]int64, most int) ([]Part, error) {
	pages, err := b.pages(run, task)
	if err != nil {
		return nil, err
	}
	var parts []Part
	for _, p := range pages {
		part, err := p.read(from[p.file], most)
		if errors.Is(err, fs.ErrNotExist) { // removed meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		if len(part.Lines) > 0 {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

func (p Page) read(at int64, most int) (Part, error) {
	part := Part{File: p.file}
	f, err := os.Open(filepath.Join(p.folder, p.file))
	if err != nil {
		return part, fmt.Errorf("open a log: %w", err)
	}
	defer func() { _ = f.Close() }()
	text, err := io.ReadAll(io.NewSectionReader(f, at, atOnce))
	if err != nil {
		return part, fmt.Errorf("read a log: %w", err)
	}
	part.More = len(text) == atOnce
	for {
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			return part, nil
		}
		if len(part.Lines) == most {
			part.More = true
			return part, nil
		}
		at += int64(end) + 1
		line := Line{Task: p.Task, Text: string(text[:end]), File: p.file, End: at}
		if len(line.Text) > len(layout) {
			if stamp, err := time.Parse(layout, line.Text[:len(layout)]); err == nil {
				line.At, line.Text = stamp, line.Text[len(layout)+1:]
			}
		}
		part.Lines, text = append(part.Lines, line), text[end+1:]
	}
}
