package lang_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
	"github.com/waybill-dev/waybill/lang/graph"
)

func TestForEachLimit(t *testing.T) {
	t.Parallel()
	list, _, err := loadText(t, `
courier "many" {
  for_each = { for i in flatten([for a in range(401) : [for b in range(250) : "${a}-${b}"]]) : i => 1 }
  exec { command = ["pull"] }
}
`)
	if err != nil {
		t.Fatal(err)
	}
	if want := "3 error WB750"; !slices.Contains(list, want) {
		t.Errorf("reported %v, want %s", list, want)
	}
}

// loadText compiles a text as a workspace, once.
func loadText(t testing.TB, text string) ([]string, *graph.Graph, error) {
	t.Helper()
	ws, list, err := lang.Load(workspace(t, map[string]string{"main.hcl": text}), lang.Options{Version: version})
	if err != nil {
		return nil, nil, err
	}
	return reported(list), ws.Graph, nil
}

// repeated is a workspace of n couriers and as many groups, each with for_each
// over the one before.
func repeated(n int) string {
	var b strings.Builder
	b.WriteString("locals {\n  brands = {\n")
	for i := range n {
		fmt.Fprintf(&b, "    b%06d = { zone = \"UTC\", minute = %d }\n", i, i%60)
	}
	b.WriteString(`  }
}

courier "feed" {
  for_each = local.brands
  landing  = "landing/${each.key}"
  filedrop { url = "drop/${each.key}" }
  file "orders" { pattern = "${each.key}-{yyyy}{MM}{dd}.csv" }
}

process "load" {
  for_each = courier.feed
  exec { command = ["load", each.key, run.landing] }
}

courier_group "daily" {
  for_each  = process.load
  schedule  = "${local.brands[each.key].minute} 6 * * *"
  timezone  = local.brands[each.key].zone
  couriers  = [courier.feed[each.key]]
  processes = [each.value]
}

courier_group "all" {
  schedule = "0 20 * * *"
  timezone = "UTC"

  dynamic "courier" {
    for_each = courier.feed
    iterator = brand
    labels   = [brand.key]
    content {
      use = brand.value
    }
  }

  couriers = [for k, b in local.brands : courier.feed[k] if b.minute == 0]

  after "brands" {
    group = courier_group.daily
    wait { hours = 20 }
  }
}
`)
	return b.String()
}

// BenchmarkForEach doubles the instances: the time must at most double too, with
// a little for the caches of the machine.
func BenchmarkForEach(b *testing.B) {
	for _, n := range []int{1000, 2000, 4000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := workspace(b, map[string]string{"main.hcl": repeated(n)})
			for b.Loop() {
				ws, list, err := lang.Load(dir, lang.Options{Version: version})
				if err != nil {
					b.Fatal(err)
				}
				if ws.Graph == nil {
					b.Fatal(list[0])
				}
			}
		})
	}
}

// TestForEachIsLinear doubles the instances and counts what is allocated, which
// does not depend on how busy the machine is. It does not run beside other tests,
// since they allocate too.
func TestForEachIsLinear(t *testing.T) {
	allocations := func(n int) float64 {
		dir := workspace(t, map[string]string{"main.hcl": repeated(n)})
		return testing.AllocsPerRun(1, func() {
			if _, _, err := lang.Load(dir, lang.Options{Version: version}); err != nil {
				t.Fatal(err)
			}
		})
	}
	small, large := allocations(500), allocations(1000)
	if large > 2.3*small {
		t.Errorf("500 instances take %.0f allocations, 1,000 take %.0f: more than 2.3 times as many", small, large)
	}
}
