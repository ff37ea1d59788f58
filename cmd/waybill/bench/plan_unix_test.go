//go:build unix

package bench_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// terraformPlan is how many times the CPU of `terraform validate` a `terraform plan`
// with nothing to change takes on 10,000 blocks: 53 s beside 7.7 s, measured once
// with 1.11 since applying that many takes it long.
const terraformPlan = 53 / 7.7

// plan is a program that shows the runs of 30 days.
func plan(b *testing.B, dir string, flags ...string) *program {
	b.Helper()
	return &program{dir: dir, args: append([]string{tool(b, "waybill"), "plan", "--horizon", "30d"}, flags...)}
}

func apply(b *testing.B, dir string) {
	b.Helper()
	p := &program{dir: dir, args: []string{tool(b, "waybill"), "apply", "--auto-approve"}}
	p.once(b)
}

// BenchmarkPlan measures `waybill plan` beside `waybill validate`: what it adds is
// what changes, the hazards of 400 days, the coverage of ten years, and the runs of
// 30 days, shown.
func BenchmarkPlan(b *testing.B) {
	n := setting(b, "WAYBILL_BENCH_PLAN", "10000")[0]
	first, _ := written(b, "sparse", n)
	same, changed := b.TempDir(), b.TempDir()
	copied(b, same, first)
	apply(b, same)
	copied(b, changed, same)
	reschedule(b, filepath.Join(changed, "part00000.hcl"))
	validate := &program{dir: first, args: []string{tool(b, "waybill"), "validate"}}
	cases := []struct {
		name string
		*program
	}{
		{"first", plan(b, first)},
		{"first-json", plan(b, first, "--json")},
		{"no-change", plan(b, same)},
		{"no-change-json", plan(b, same, "--json")},
		{"one-change", plan(b, changed)},
		{"one-change-json", plan(b, changed, "--json")},
	}
	for b.Loop() {
		for _, c := range cases { // each once: a round takes half a minute
			if len(c.args) == len(cases[0].args) {
				validate.once(b)
			}
			c.once(b)
		}
	}
	quiet(b)
	beside := validate.best()
	report(b, beside)
	b.Logf("waybill validate: %v", beside)
	for _, c := range cases {
		x := c.best()
		b.Logf("waybill plan, %s: %v", c.name, x)
		if n < held {
			continue
		}
		atMost(b, 1.8, ratio(x.CPU, beside.CPU), c.name+"-cpu/validate", "the CPU of waybill validate")
		const more = 400e6
		atMost(b, 1, float64(x.Memory-beside.Memory)/more, c.name+"-rss/400MB", "400 MB more than waybill validate")
	}
}

// copied copies a directory.
func copied(b *testing.B, into, from string) {
	b.Helper()
	if err := os.CopyFS(into, os.DirFS(from)); err != nil {
		b.Fatal(err)
	}
}

// reschedule lets the first group of a file run at another time.
func reschedule(b *testing.B, file string) {
	b.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		b.Fatal(err)
	}
	const schedule = `schedule    = "0 1 * * *"`
	if !bytes.Contains(text, []byte(schedule)) {
		b.Fatalf("%s has no %s", file, schedule)
	}
	text = bytes.Replace(text, []byte(schedule), []byte(`schedule    = "30 2 * * *"`), 1)
	if err := os.WriteFile(file, text, 0o666); err != nil {
		b.Fatal(err)
	}
}
