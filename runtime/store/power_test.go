package store_test

import (
	"bufio"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
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
