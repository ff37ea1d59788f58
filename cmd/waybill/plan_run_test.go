package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"github.com/waybill-dev/waybill/runtime"
)

// Somebody who watches a run is told first what is there of it; where that cannot
// be found out, only what it reads.
func TestWhatIsSaidBeforeARun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeWorkspace(t, dir, `
courier "orders" {
  filedrop { url = "drop" }
  file "o" { pattern = "o-{yyyy}-{MM}-{dd}.csv" }
  ready { stable_for = "0s" }
}
courier_group "daily" {
  couriers = [courier.orders]
}
`)
	if err := os.WriteFile(filepath.Join(dir, "drop", "o-2026-11-20.csv"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, said := waybill(t, "apply", dir, "--auto-approve"); code != 0 {
		t.Fatal(said)
	}
	var out bytes.Buffer
	p := &program{env: map[string]string{}, stdout: &out, stderr: &out, now: time.Now}
	err := p.with(t.Context(), dir, runtimeFlags{}, func(a *applied) error {
		g, err := a.group("daily")
		if err != nil {
			return err
		}
		const want = "courier_group.daily reads the day 2026-11-20 in UTC.\n" +
			"The couriers' offsets are not applied to dates you name (--apply-offsets does).\n" +
			"  orders  2026-11-20 00:00 → 2026-11-21 00:00 UTC\n    Lands 1 file, 4 B.\n\n"
		day := runtime.RunArgs{Date: "2026-11-20"}
		if got := p.beforehand(t.Context(), a, g, day, "preview"); got != want {
			t.Errorf("before a run is said\n%s\ninstead of\n%s", got, want)
		}
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if got := p.beforehand(over, a, g, day, "preview"); got != "preview" {
			t.Errorf("of what cannot be looked at is said\n%s", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(errors.Join(err, errors.New(strings.TrimSpace(out.String()))))
	}
}

// What plan run takes is what run takes, save what does not say what to read.
func TestPlanRunTakesWhatRunTakes(t *testing.T) {
	t.Parallel()
	p := &program{env: map[string]string{}}
	run, planned := p.runCommand().Flags(), p.planRunCommand().Flags()
	for _, name := range []string{"token", "detach"} {
		if run.Lookup(name) == nil || planned.Lookup(name) != nil {
			t.Errorf("--%s is a flag of run alone", name)
		}
	}
	run.VisitAll(func(f *pflag.Flag) {
		other := planned.Lookup(f.Name)
		if f.Name != "token" && f.Name != "detach" && (other == nil || other.Usage != f.Usage) {
			t.Errorf("--%s is not one of plan run", f.Name)
		}
	})
}
