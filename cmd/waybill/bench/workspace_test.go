package bench_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// shapes are how the blocks of a generated workspace refer to each other.
var shapes = []string{"sparse", "chain", "star", "foreach"}

const (
	perGroup = 10 // couriers of a group
	perFile  = 80 // couriers of a file, about a hundred blocks
)

// generate is the files of a workspace of n couriers in n/10 groups, about a
// hundred blocks a file and 435 bytes a block. The same n and shape give the same
// bytes. validate has nothing to say about it.
//
//	sparse   locals and processes in chains of ten; a group has ten couriers
//	chain    each local, process and group names the one before it
//	star     all name one local, one courier, one process and one group
//	foreach  couriers, processes and n groups, each for_each over what is before
func generate(shape string, n int) map[string][]byte {
	files := map[string][]byte{"main.hcl": []byte(settings)}
	if shape == "foreach" {
		generateForEach(files, n)
		return files
	}
	w := writer{shape: shape, n: n}
	w.hub()
	for first := 0; first < n; first += perGroup {
		w.group(first, min(first+perGroup, n))
		if first%perFile == perFile-perGroup || first+perGroup >= n {
			files[fmt.Sprintf("part%05d.hcl", first/perFile)] = bytes.Clone(bytes.TrimSuffix(w.Bytes(), []byte("\n")))
			w.Reset()
		}
	}
	return files
}

// settings is what all shapes have in common.
const settings = `waybill {
  landing        = "landing"
  max_concurrent = 64

  defaults {
    timezone   = "UTC"
    file_dates = "utc"
  }
}

variable "env" {
  type    = string
  default = "prod"

  validation {
    condition     = contains(["prod", "staging"], var.env)
    error_message = "env is prod or staging, not ${var.env}."
  }
}

variable "stable_for" {
  type    = string
  default = "45s"
}

locals {
  owner  = upper("data-${var.env}")
  owners = { orders = "shop", returns = "support" }
  days   = ["mon", "tue", "wed", "thu", "fri"]
}
`

// writer writes the blocks of the shapes that write out every block.
type writer struct {
	bytes.Buffer
	shape string
	n     int
}

// hub is what all blocks of a star name.
func (w *writer) hub() {
	if w.shape != "star" {
		return
	}
	w.WriteString(`locals {
  hub = { retries = 4, folder = "drop/${var.env}" }
}

courier "hub" {
  exec { command = ["pull-hub", range.start] }
}

process "hub" {
  exec { command = ["stitch-hub", run.landing] }
}

courier_group "hub" {
  schedule  = "0 1 * * *"
  couriers  = [courier.hub]
  processes = [process.hub]
  accept    = ["WB821"]
}

`)
}

// group writes a group with its couriers, and the local values and the process
// that it needs.
func (w *writer) group(first, end int) {
	w.WriteString("locals {\n")
	for i := first; i < end; i++ {
		fmt.Fprintf(w, "  c%06d = %s\n", i, w.local(i))
	}
	w.WriteString("}\n\n")
	for i := first; i < end; i++ {
		w.courier(i)
	}
	w.process(first / perGroup)
	w.courierGroup(first, end)
}

// local is the value of local i: a number that couriers make text of.
func (w *writer) local(i int) string {
	switch {
	case w.shape == "star":
		return "local.hub.retries"
	case i > 0 && (w.shape == "chain" || i%perGroup > 0):
		return fmt.Sprintf("local.c%06d %% 7 + 1", i-1)
	}
	return "3"
}

func (w *writer) courier(i int) {
	folder := `drop/${var.env}`
	if w.shape == "star" {
		folder = `${local.hub.folder}`
	}
	fmt.Fprintf(w, `courier "c%06[1]d" {
  landing        = "landing/${lower(local.owner)}/c%06[1]d"
  poll_every     = "${local.c%06[1]d * 10}s"
  max_concurrent = local.c%06[1]d

  filedrop {
    url = "%[2]s/c%06[1]d"
  }

  file "orders" {
    pattern = format("%%s-{yyyy}{MM}{dd}-*.csv", merge(local.owners, { orders = "o%[1]d" }).orders)
    days    = local.days
  }

  ready {
    stable_for = var.stable_for
  }

  retry {
    attempts = local.c%06[1]d + 1
    backoff  = "30s"
  }
}

`, i, folder)
}

func (w *writer) process(g int) {
	after := ""
	switch {
	case w.shape == "star":
		after = "  after   = [process.hub]\n"
	case g > 0 && (w.shape == "chain" || g%perGroup > 0):
		after = fmt.Sprintf("  after   = [process.p%05d]\n", g-1)
	}
	fmt.Fprintf(w, `process "p%05[1]d" {
%[2]s  timeout = "${local.c%06[3]d}h"

  exec {
    command     = ["stitch", "--group", "p%05[1]d", "--owner", lower(local.owner), run.landing]
    environment = { OWNER = local.owner, ENV = var.env, RANGE = "from ${run.range_start} to ${run.range_end}" }
  }
}

`, g, after, g*perGroup)
}

func (w *writer) courierGroup(first, end int) {
	g := first / perGroup
	couriers, after, more := []string{}, "", ""
	for i := first; i < end; i++ {
		couriers = append(couriers, fmt.Sprintf("courier.c%06d", i))
	}
	switch {
	case w.shape == "star":
		couriers, after = append(couriers, "courier.hub"), "hub"
		more = fmt.Sprintf("  processes   = [process.p%05d, process.hub]\n  accept      = [\"WB821\"]\n", g)
	case w.shape == "chain" && g > 0:
		after = fmt.Sprintf("g%05d", g-1)
	}
	fmt.Fprintf(w, `courier_group "g%05[1]d" {
  description = "Couriers %[2]d to %[3]d of ${local.owner}"
  schedule    = "%[4]d %[5]d * * *"
  couriers    = [%[6]s]
%[7]s
  defaults {
    wait { hours = 2 }
    offset { days = 1 }
  }
`, g, first, end-1, g%60, 1+g/60%20, strings.Join(couriers, ", "), more)
	if after != "" {
		fmt.Fprintf(w, "\n  after \"before\" {\n    group = courier_group.%s\n    wait { hours = 4 }\n  }\n", after)
	}
	w.WriteString("}\n\n")
	if (end == w.n || w.shape == "sparse" && g%perGroup == perGroup-1) && w.shape != "star" {
		w.allProcesses(g)
	}
}

// allProcesses writes a group of the processes that come after each other up to
// the last: those are to be in one group.
func (w *writer) allProcesses(last int) {
	first := 0
	if w.shape == "sparse" {
		first = last - last%perGroup
	}
	fmt.Fprintf(w, "courier_group \"all%05d\" {\n  schedule = \"0 22 * * *\"\n  processes = [\n", last)
	for g := first; g <= last; g++ {
		fmt.Fprintf(w, "    process.p%05d,\n", g)
	}
	w.WriteString("  ]\n}\n\n")
}

// generateForEach writes a map of n keys in pieces, a piece a file, and the
// blocks that are made of it.
func generateForEach(files map[string][]byte, n int) {
	var pieces []string
	for first := 0; first < n; first += perFile {
		var b bytes.Buffer
		piece := fmt.Sprintf("part%05d", first/perFile)
		pieces = append(pieces, "local."+piece)
		fmt.Fprintf(&b, "locals {\n  %s = {\n", piece)
		for i := first; i < min(first+perFile, n); i++ {
			fmt.Fprintf(&b, "    c%06d = { folder = \"drop/${var.env}/c%06d\", retries = %d, at = \"%d %d * * *\" }\n", i, i, 2+i%7, i%60, 1+i/60%20)
		}
		b.WriteString("  }\n}\n")
		files[piece+".hcl"] = b.Bytes()
	}
	files["blocks.hcl"] = fmt.Appendf(nil, "locals {\n  feeds = merge(%s)\n}\n\n%s", strings.Join(pieces, ", "), repeatedBlocks)
}

const repeatedBlocks = `courier "feed" {
  for_each = local.feeds
  landing  = "landing/${local.owners.orders}/${each.key}"

  filedrop {
    url = each.value.folder
  }

  file "orders" {
    pattern = "${each.key}-{yyyy}{MM}{dd}.csv"
    days    = local.days
  }

  ready {
    stable_for = var.stable_for
  }

  retry {
    attempts = each.value.retries
  }
}

process "stitch" {
  for_each = courier.feed
  exec { command = ["stitch", each.key, lower(local.owner), run.landing] }
}

courier_group "feed" {
  for_each    = local.feeds
  description = "Feed ${each.key}"
  schedule    = each.value.at
  couriers    = [courier.feed[each.key]]
  processes   = [process.stitch[each.key]]

  defaults {
    wait { hours = 2 }
    offset { days = 1 }
  }
}
`

// written is a directory with the generated workspace, and its size.
func written(t testing.TB, shape string, n int) (dir string, size int64) {
	t.Helper()
	dir = t.TempDir()
	return dir, write(t, dir, generate(shape, n))
}

// write writes files into a directory and returns how many bytes they have.
func write(t testing.TB, dir string, files map[string][]byte) (size int64) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
		size += int64(len(text))
	}
	return size
}
