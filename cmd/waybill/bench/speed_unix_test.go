//go:build unix

package bench_test

import (
	"bytes"
	"fmt"
	"math"
	"os/exec"
	"slices"
	"testing"
	"time"
)

// held is the size at which the targets of a ratio hold. Smaller workspaces take
// no longer than the start of the process; they are reported only.
const held = 10_000

// BenchmarkValidate measures `waybill validate` beside a program that parses the
// same files and decodes their blocks, and evaluates and checks nothing.
func BenchmarkValidate(b *testing.B) {
	for _, n := range setting(b, "WAYBILL_BENCH_SIZES", "100 1000 10000") {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir, _ := written(b, "sparse", n)
			ours := &program{dir: dir, args: []string{tool(b, "waybill"), "validate"}}
			floor := &program{dir: dir, args: []string{tool(b, "floor"), "decode", "."}}
			sideBySide(b, ours, floor)
			x, y := ours.best(), floor.best()
			report(b, x)
			b.Logf("waybill validate: %v; hclparse and gohcl: %v", x, y)
			if n < held {
				return
			}
			atMost(b, 1.3, ratio(x.CPU, y.CPU), "cpu/floor", "the CPU of hclparse and gohcl")
			atMost(b, 1.0, ratio(x.Wall, y.Wall), "wall/floor", "the wall time of hclparse and gohcl")
			atMost(b, 1.0, ratio(x.Memory, y.Memory), "rss/floor", "the memory of hclparse and gohcl")
		})
	}
}

func report(b *testing.B, u usage) {
	b.Helper()
	b.ReportMetric(ms(u.Wall), "wall-ms")
	b.ReportMetric(ms(u.CPU), "cpu-ms")
	b.ReportMetric(float64(u.Memory)/1e6, "rss-MB")
}

// BenchmarkTerraform measures `waybill validate`, and `waybill plan` with nothing
// to change, beside `terraform validate` on as many terraform_data blocks of the
// same size.
func BenchmarkTerraform(b *testing.B) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		quiet(b)
		b.Log("terraform is not on this machine: waybill validate is NOT compared with terraform validate")
		return
	}
	n := setting(b, "WAYBILL_BENCH_TERRAFORM", "10000")[0]
	files := generate("sparse", n)
	ours := &program{dir: b.TempDir(), args: []string{tool(b, "waybill"), "validate"}}
	size := write(b, ours.dir, files)
	apply(b, ours.dir)
	planned := plan(b, ours.dir)
	theirs := &program{
		dir:  b.TempDir(),
		args: []string{terraform, "validate"},
		env:  []string{"CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_DATA_DIR=" + b.TempDir(), "TF_CLI_CONFIG_FILE=/dev/null"},
	}
	count := blocks(files)
	modules := generateTerraform(count)
	have := write(b, theirs.dir, modules)
	init := *theirs
	init.args = []string{terraform, "init", "-input=false", "-backend=false"}
	init.once(b)
	for b.Loop() {
		ours.once(b)
		planned.once(b)
		theirs.once(b)
		ours.once(b)
	}
	quiet(b)
	x, y := ours.best(), theirs.best()
	report(b, x)
	b.Logf("waybill validate, %d blocks of %d bytes: %v; terraform validate, %d blocks of %d bytes: %v",
		count, size/int64(count), x, blocks(modules), have/int64(count), y)
	atLeast(b, 4, ratio(y.CPU, x.CPU), "cpu-less", "less CPU than terraform validate")
	atLeast(b, 2, ratio(y.Memory, x.Memory), "rss-less", "less memory than terraform validate")
	b.Logf("waybill plan with nothing to change: %v", planned.best())
	atLeast(b, 15, terraformPlan*ratio(y.CPU, planned.best().CPU), "plan-cpu-less", "less CPU than terraform plan with nothing to change")
}

// generateTerraform is as sparse as our workspaces: each block of ten names the
// one before it.
func generateTerraform(n int) map[string][]byte {
	files := map[string][]byte{}
	var file bytes.Buffer
	file.WriteString("variable \"env\" {\n  default = \"prod\"\n}\n\nlocals {\n  owner = upper(\"data-${var.env}\")\n}\n")
	files["main.tf"] = bytes.Clone(file.Bytes())
	file.Reset()
	for i := range n - 2 {
		before := "local.owner"
		if i%10 > 0 {
			before = fmt.Sprintf("terraform_data.c%06d.input.name", i-1)
		}
		fmt.Fprintf(&file, `resource "terraform_data" "c%06[1]d" {
  input = {
    name     = "c%06[1]d"
    folder   = "drop/${var.env}/c%06[1]d"
    landing  = "landing/${lower(local.owner)}/c%06[1]d"
    pattern  = format("%%s-{yyyy}{MM}{dd}-*.csv", merge({ orders = "o%[1]d" }, { owner = "shop" }).orders)
    days     = ["mon", "tue", "wed", "thu", "fri"]
    owner    = local.owner
    before   = %[2]s
    schedule = "%[3]d 6 * * *"
    attempts = %[4]d + 1
  }
}

`, i, before, i%60, i%7)
		if i%100 == 99 || i == n-3 {
			files[fmt.Sprintf("part%05d.tf", i/100)] = bytes.Clone(file.Bytes())
			file.Reset()
		}
	}
	return files
}

// BenchmarkDoubling makes workspaces larger and says what each doubling of their
// size costs in `waybill validate`.
func BenchmarkDoubling(b *testing.B) {
	sizes := setting(b, "WAYBILL_BENCH_DOUBLING", "1000 10000 100000")
	for _, shape := range shapes {
		b.Run(shape, func(b *testing.B) {
			programs := make([]*program, len(sizes))
			for i, n := range sizes {
				dir, _ := written(b, shape, n)
				programs[i] = &program{dir: dir, args: []string{tool(b, "waybill"), "validate"}}
			}
			for b.Loop() {
				for range 2 { // the large ones take half a minute each
					for _, p := range programs {
						p.once(b)
					}
				}
			}
			quiet(b)
			worst := 0.0
			for i, n := range sizes {
				b.Logf("%d couriers: %v", n, programs[i].best())
				if i > 0 {
					doublings := math.Log2(float64(n) / float64(sizes[i-1]))
					worst = max(worst, math.Pow(growth(programs[i-1], programs[i]), 1/doublings))
				}
			}
			atMost(b, 2.2, worst, "cpu/doubling", "the CPU for twice the couriers")
		})
	}
}

// growth is how many times the CPU of a program another takes that is larger. Runs
// of one round are compared, since the machine is faster at one time than at another.
func growth(small, large *program) float64 {
	least := math.Inf(1)
	for i := range large.runs {
		least = min(least, ratio(large.runs[i].CPU, small.runs[i].CPU))
	}
	return least
}

// BenchmarkFormat measures `waybill fmt --check`, which also finds out whether the
// files can be parsed, beside hclwrite.Format alone.
func BenchmarkFormat(b *testing.B) {
	dir, _ := written(b, "sparse", held)
	ours := &program{dir: dir, args: []string{tool(b, "waybill"), "fmt", "--check"}}
	floor := &program{dir: dir, args: []string{tool(b, "floor"), "format", "."}}
	sideBySide(b, ours, floor)
	x, y := ours.best(), floor.best()
	report(b, x)
	b.Logf("waybill fmt --check: %v; hclwrite.Format: %v", x, y)
	atMost(b, 1.1, ratio(x.CPU, y.CPU), "cpu/floor", "the CPU of hclwrite.Format")
	atMost(b, 1.1, ratio(x.Wall, y.Wall), "wall/floor", "the wall time of hclwrite.Format")
}

// BenchmarkStart measures how long the least command takes.
func BenchmarkStart(b *testing.B) {
	p := &program{dir: b.TempDir(), args: []string{tool(b, "waybill"), "version"}}
	for b.Loop() {
		for range 20 {
			p.once(b)
		}
	}
	quiet(b)
	walls := make([]time.Duration, len(p.runs))
	for i, u := range p.runs {
		walls[i] = u.Wall
	}
	slices.Sort(walls)
	best, median := ms(walls[0]), ms(walls[len(walls)/2])
	report(b, p.best())
	b.ReportMetric(median, "median-ms")
	b.Logf("waybill version: best %.1f ms, median %.1f ms of %d", best, median, len(walls))
	judge(b, best <= 30, fmt.Sprintf("target ≤30 ms to start: %.1f ms", best))
}
