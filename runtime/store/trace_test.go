package store_test

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// traced is a line of a trace, `PID call(FD<path>, more`, where more ends in
// `) = RESULT`, or in "<unfinished ...>" when its end is a line of its own:
// `PID <... call resumed>) = RESULT`. Lines are a hundred kilobytes long and there
// are thousands, so that they are cut by hand.
type traced struct {
	thread, call string
	fd           string // empty: the call has none in front
	path         string // that the descriptor stands for
	more         string
}

// parseTrace reads the calls that were made for the files of a store, and what
// was said on standard output, in the order in which they were made; a sync
// counts from when it has returned.
func parseTrace(t *testing.T, text, path string) (ops []op) {
	t.Helper()
	waiting := map[string]op{} // syncs by thread
	for {
		line, rest, whole := strings.Cut(text, "\n")
		if !whole { // the kill may have cut off the last
			return ops
		}
		text = rest
		l := parseCall(t, line)
		switch {
		case strings.HasPrefix(l.call, "<... "):
			if o, ok := waiting[l.thread]; ok && strings.HasSuffix(line, "= 0") {
				ops = append(ops, o)
			}
			delete(waiting, l.thread)
		case l.fd == "":
			if strings.Contains(line, hexed(path)) {
				t.Fatalf("the store did what the test cannot replay: %.200s", line)
			}
		case l.call == "write" && l.fd == "1":
			ops = append(ops, acks(string(bytesOf(t, l.more)))...)
		case filepath.Dir(l.path) != path || strings.HasSuffix(l.path, "-shm") || strings.HasSuffix(l.path, ".lock"):
		case l.call == "fsync" || l.call == "fdatasync":
			o := op{call: "sync", file: filepath.Base(l.path)}
			if strings.HasSuffix(line, "<unfinished ...>") {
				waiting[l.thread] = o
			} else if strings.HasSuffix(line, "= 0") {
				ops = append(ops, o)
			}
		default:
			ops = append(ops, l.change(t))
		}
	}
}

// parseCall takes a line apart.
func parseCall(t *testing.T, line string) (l traced) {
	t.Helper()
	var rest string
	l.thread, rest, _ = strings.Cut(line, " ")
	l.call, l.more, _ = strings.Cut(strings.TrimLeft(rest, " "), "(")
	fd, rest, found := strings.Cut(l.more, "<")
	if _, err := strconv.Atoi(fd); err != nil || !found {
		return l
	}
	name, more, _ := strings.Cut(rest, ">")
	l.fd, l.path, l.more = fd, string(unhex(t, name)), strings.TrimPrefix(more, ", ")
	return l
}

// change is a call that changes a file.
func (l traced) change(t *testing.T) op {
	t.Helper()
	o := op{file: filepath.Base(l.path)}
	number := "" // the last argument
	switch l.call {
	case "pwrite64":
		o.call, o.data = "write", bytesOf(t, l.more)
		_, after, _ := strings.Cut(l.more[1:], `", `)
		_, number, _ = strings.Cut(after, ", ")
	case "ftruncate":
		o.call, number = "truncate", l.more
	default:
		t.Fatalf("the store did what the test cannot replay: %s of %s", l.call, l.path)
	}
	end := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
	offset, err := strconv.ParseInt(number[:max(end, 0)], 10, 64)
	if err != nil {
		t.Fatalf("the test cannot read where %s of %s is: %.200s", l.call, l.path, number)
	}
	o.offset = offset
	return o
}

// hexed is a text as a trace has it.
func hexed(path string) string {
	var b strings.Builder
	for i := range len(path) {
		fmt.Fprintf(&b, `\x%02x`, path[i])
	}
	return b.String()
}

// bytesOf is the text at the beginning of a call's arguments.
func bytesOf(t *testing.T, args string) []byte {
	t.Helper()
	text, after, whole := strings.Cut(strings.TrimPrefix(args, `"`), `"`)
	if !strings.HasPrefix(args, `"`) || !whole || !strings.HasPrefix(after, ", ") { // "..." follows what strace cuts short
		t.Fatalf("the test cannot read %.200s", args)
	}
	return unhex(t, text)
}

// unhex reads a text of which each byte is \xNN.
func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data := make([]byte, len(text)/4)
	for i := range data {
		high, low := digit(text[4*i+2]), digit(text[4*i+3])
		if high|low > 15 {
			t.Fatalf("the test cannot read %.200s", text[4*i:])
		}
		data[i] = high<<4 | low
	}
	return data
}

// digit is the value of a hexadecimal digit, or more than 15.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	}
	return 0xff
}

// acks are the steps that a writer says it has done.
func acks(said string) (ops []op) {
	for line := range strings.Lines(said) {
		o := op{call: "ack"}
		if n, err := fmt.Sscan(line, &o.writer, &o.step); n == 2 && err == nil {
			ops = append(ops, o)
		}
	}
	return ops
}
