package store_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/store"
)

// recordedSteps is how many steps a recorded writer acknowledges, enough for the
// log to be written back to the database once; powerLosses at how many moments
// of it the power fails, and powerSeed where they come from.
const (
	recordedSteps = 700
	powerLosses   = 40
	powerSeed     = 20261122
)

// TestPowerLoss records what a writing process asks of the disk, and lets the
// power fail in the middle: what was synchronised is there, and of the rest any
// part, in any order, down to single sectors. A store that comes up from that has
// everything that was acknowledged, and nothing by half.
func TestPowerLoss(t *testing.T) {
	t.Parallel()
	path := t.TempDir()
	mustClose(t, freshStore(t, path))
	begin := image(t, path)
	ops := record(t, path, recordedSteps)
	counts := map[string]int{}
	for _, o := range ops {
		counts[o.call+" "+o.file]++
	}
	t.Logf("recorded: %v", counts)
	// What a writer said last may be read before the trace has it.
	if counts["ack "] < recordedSteps-crashWriters || counts["write waybill.db"] == 0 || counts["sync waybill.db-wal"] == 0 {
		t.Fatal("the record has no part of what a writer does")
	}
	chance := rand.New(rand.NewPCG(soakSeed(powerSeed), 0))
	for range soakRounds(powerLosses) {
		at := chance.IntN(len(ops) + 1)
		files, acknowledged := lose(begin, ops[:at], chance)
		dir := t.TempDir()
		for name, content := range files {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		checkCrash(t, dir, acknowledged)
		if t.Failed() {
			t.Fatalf("the power failed after %d of %d calls", at, len(ops))
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
}

// op is one thing that a process asked of the system.
type op struct {
	call   string // write, sync, truncate, ack
	file   string // its name in the folder
	offset int64  // of a write; the new length of a truncate
	data   []byte
	writer int // of an ack
	step   int64
}

// image is every file of a store.
func image(t *testing.T, path string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, name := range []string{"waybill.db", "waybill.db-wal"} {
		content, err := os.ReadFile(filepath.Join(path, name))
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		if err == nil {
			files[name] = content
		}
	}
	return files
}

// record runs a writer until it has acknowledged some steps, and returns the
// calls it made.
func record(t *testing.T, path string, steps int) []op {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	trace := filepath.Join(t.TempDir(), "trace")
	c := &child{t: t, cmd: exec.Command("strace", "-f", "-y", "-xx", "-s", "1000000", "--seccomp-bpf", "--signal=none",
		"-e", "trace=pwrite64,write,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat", "-o", trace, exe)}
	c.cmd.Env = append(os.Environ(), "WAYBILL_STORE_CHILD=write", "WAYBILL_STORE_PATH="+path)
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatalf("strace, which records what is written: %v", err)
	}
	t.Cleanup(c.kill)
	c.expect("starting")
	for ; steps > 0 && c.out.Scan(); steps-- {
		if strings.Contains(c.out.Text(), "store") {
			t.Fatalf("the writer says: %s", c.out.Text())
		}
	}
	c.kill()
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	return parseTrace(t, string(text), path)
}

// Lines of a trace: "PID call(FD<path>, …) = RESULT", which may come in two, the
// first ending in "<unfinished ...>".
var (
	traceLine  = regexp.MustCompile(`^(\d+) +(\w+)\((.*)$`)
	traceAgain = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>.* = (-?\d+)`)
	traceFD    = regexp.MustCompile(`^\d+<([^>]*)>(?:, )?(.*)$`)
	traceText  = regexp.MustCompile(`^"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?, \d+(?:, (\d+))?`)
)

// parseTrace reads the calls that were made for the files of a store, and what
// was said on standard output, in the order in which they were made; a sync
// counts from when it has returned.
func parseTrace(t *testing.T, text, path string) (ops []op) {
	t.Helper()
	waiting := map[string]op{} // syncs by thread
	lines := strings.Split(text, "\n")
	for _, line := range lines[:len(lines)-1] { // the kill may have cut off the last
		if m := traceAgain.FindStringSubmatch(line); m != nil {
			if o, ok := waiting[m[1]]; ok && m[3] == "0" {
				ops = append(ops, o)
			}
			delete(waiting, m[1])
			continue
		}
		m := traceLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		fd := traceFD.FindStringSubmatch(m[3])
		if fd != nil {
			fd[1] = string(unhex(t, fd[1]))
		}
		switch {
		case fd == nil && strings.Contains(m[3], hexed(path)):
			t.Fatalf("the store did what the test cannot replay: %s", line)
		case fd == nil:
		case m[2] == "write" && strings.HasPrefix(m[3], "1<"):
			ops = append(ops, acks(string(bytesOf(t, fd[2])))...)
		case filepath.Dir(fd[1]) != path || strings.HasSuffix(fd[1], "-shm") || strings.HasSuffix(fd[1], ".lock"):
		default:
			o := op{file: filepath.Base(fd[1])}
			switch m[2] {
			case "pwrite64":
				found := traceText.FindStringSubmatch(fd[2])
				if found == nil {
					t.Fatalf("the test cannot read the write %.200s", line)
				}
				o.call, o.data = "write", bytesOf(t, fd[2])
				o.offset, _ = strconv.ParseInt(found[3], 10, 64)
			case "ftruncate":
				o.call = "truncate"
				length, _, _ := strings.Cut(fd[2], ")")
				o.offset, _ = strconv.ParseInt(length, 10, 64)
			case "fsync", "fdatasync":
				o.call = "sync"
				if strings.Contains(line, "<unfinished") {
					waiting[m[1]] = o
					continue
				}
			default:
				t.Fatalf("the store did what the test cannot replay: %s", line)
			}
			ops = append(ops, o)
		}
	}
	return ops
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
	m := traceText.FindStringSubmatch(args)
	if m == nil || m[2] != "" {
		t.Fatalf("the test cannot read %.200s", args)
	}
	return unhex(t, m[1])
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.ReplaceAll(text, `\x`, ""))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func acks(said string) (ops []op) {
	for line := range strings.Lines(said) {
		o := op{call: "ack"}
		if n, err := fmt.Sscan(line, &o.writer, &o.step); n == 2 && err == nil {
			ops = append(ops, o)
		}
	}
	return ops
}

// lose is what is left of a folder when the power fails after some calls, and
// what had been acknowledged by then.
func lose(begin map[string][]byte, ops []op, chance *rand.Rand) (files map[string][]byte, acknowledged []int64) {
	files, acknowledged = map[string][]byte{}, make([]int64, crashWriters)
	for name, content := range begin {
		files[name] = append([]byte{}, content...)
	}
	pending := map[string][]op{}
	for _, o := range ops {
		switch o.call {
		case "ack":
			acknowledged[o.writer] = max(acknowledged[o.writer], o.step)
		case "sync":
			for _, p := range pending[o.file] {
				files[o.file] = p.apply(files[o.file])
			}
			delete(pending, o.file)
		default:
			pending[o.file] = append(pending[o.file], o)
		}
	}
	for _, name := range []string{"waybill.db", "waybill.db-wal"} {
		for _, i := range chance.Perm(len(pending[name])) {
			for _, sector := range pending[name][i].sectors() {
				if chance.IntN(2) == 0 {
					files[name] = sector.apply(files[name])
				}
			}
		}
	}
	return files, acknowledged
}

// sectorSize is what a disk writes whole, or not.
const sectorSize = 512

// sectors are the pieces of a call that the disk may have done each by itself.
func (o op) sectors() (pieces []op) {
	if o.call != "write" {
		return []op{o}
	}
	data, offset := o.data, o.offset
	for len(data) > 0 {
		n := min(int(sectorSize-offset%sectorSize), len(data))
		pieces = append(pieces, op{call: o.call, file: o.file, offset: offset, data: data[:n]})
		data, offset = data[n:], offset+int64(n)
	}
	return pieces
}

// apply is a file's content after a call.
func (o op) apply(content []byte) []byte {
	if grow := o.offset + int64(len(o.data)) - int64(len(content)); grow > 0 {
		content = append(content, make([]byte, grow)...)
	}
	if o.call == "truncate" {
		return content[:o.offset]
	}
	copy(content[o.offset:], o.data)
	return content
}

// mustClose closes a store.
func mustClose(t *testing.T, s *store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// soakRounds is how often a test of faults goes round: rounds times
// WAYBILL_SOAK, which `make soak` sets.
func soakRounds(rounds int) int {
	if n, err := strconv.Atoi(os.Getenv("WAYBILL_SOAK")); err == nil {
		return rounds * n
	}
	return rounds
}

// soakSeed is where chance begins: WAYBILL_SEED, or what the test says.
func soakSeed(usual uint64) uint64 {
	if n, err := strconv.ParseUint(os.Getenv("WAYBILL_SEED"), 10, 64); err == nil {
		return n
	}
	return usual
}

// freshStore is a store that the test closes itself.
func freshStore(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
