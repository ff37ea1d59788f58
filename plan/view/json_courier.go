package view

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/waybill-dev/waybill/lang/window"
	"github.com/waybill-dev/waybill/plan"
)

// jsonRow writes couriers of runs as encoding/json would, which is most of what a
// large plan has: by way of reflection it costs as much as to make the plan.
type jsonRow struct {
	line []byte
	err  error
}

// run is the JSON of a run on one line, given that of the run without couriers.
func (j *jsonRow) run(without []byte, couriers []plan.Courier) ([]byte, error) {
	j.err = nil
	j.line = append(j.line[:0], bytes.TrimSuffix(without, []byte("null}"))...)
	j.add("[")
	for i := range couriers {
		if i > 0 {
			j.add(",")
		}
		j.courier(&couriers[i])
	}
	j.add("]}")
	return j.line, j.err
}

func (j *jsonRow) courier(c *plan.Courier) {
	j.add(`{"courier":`)
	j.text(string(c.Courier))
	j.add(`,"name":`)
	j.text(c.Name)
	j.add(`,"range":`)
	j.span(c.Range)
	if c.RangeIgnored {
		j.add(`,"range_ignored":true`)
	}
	if c.Dropped != nil {
		j.add(`,"dropped":`)
		j.span(*c.Dropped)
	}
	j.add(`,"files":`)
	if c.Files == nil {
		j.add("null")
	} else {
		j.add("[")
	}
	for i, name := range c.Files {
		if i > 0 {
			j.add(",")
		}
		j.text(name)
	}
	if c.Files != nil {
		j.add("]")
	}
	if len(c.FileDetails) > 0 {
		j.add(`,"file_details":[`)
		for i := range c.FileDetails {
			if i > 0 {
				j.add(",")
			}
			j.file(&c.FileDetails[i])
		}
		j.add("]")
	}
	j.add(`,"wait":`)
	j.text(c.Wait.String())
	j.add(`,"deadline":`)
	j.time(c.Deadline)
	j.add("}")
}

func (j *jsonRow) file(f *plan.FileDetail) {
	j.add(`{"file":`)
	j.text(f.File)
	j.add(`,"name":`)
	j.text(f.Name)
	if f.Date != "" {
		j.add(`,"date":`)
		j.text(f.Date)
	}
	for _, flag := range []struct {
		set  bool
		text string
	}{{f.Optional, `,"optional":true`}, {f.Unexpected, `,"unexpected":true`}, {f.Any, `,"any":true`}, {f.ByArrival, `,"by_arrival":true`}} {
		if flag.set {
			j.add(flag.text)
		}
	}
	j.add("}")
}

func (j *jsonRow) span(r window.Range) {
	j.add(`{"start":`)
	j.time(r.Start)
	j.add(`,"end":`)
	j.time(r.End)
	j.add("}")
}

func (j *jsonRow) add(text string) { j.line = append(j.line, text...) }

func (j *jsonRow) time(t time.Time) {
	j.line = append(j.line, '"')
	line, err := t.AppendText(j.line)
	if err != nil {
		j.err = err
		return
	}
	j.line = append(line, '"')
}

// text writes a string; what needs escapes is left to encoding/json.
func (j *jsonRow) text(s string) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			j.escaped(s)
			return
		}
	}
	j.line = append(append(append(j.line, '"'), s...), '"')
}

func (j *jsonRow) escaped(s string) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		j.err = err
	}
	j.line = append(j.line, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
