package cron_test

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// WAYBILL_PROVE=1 runs the oracles over every transition of every zone from 1970
// to 2038, and WAYBILL_PROVE=Africa/Cairo over those of one zone; without it they
// run over one random transition of each zone, of any time.
var proving = os.Getenv("WAYBILL_PROVE")

// probe is one window around a change of the clock.
type probe struct {
	zone     *cron.Zone
	clock    zoneClock
	at       cron.Transition
	from, to int64
	r        *rand.Rand
}

// probes calls do for the windows of every zone. As many workers as there are
// processors take one zone after the other; what a zone's windows are does not
// depend on who takes it.
func probes(t *testing.T, half time.Duration, do func(t *testing.T, p *probe)) {
	names := cron.Zones()
	var taken, windows atomic.Int64
	bar := progress{what: t.Name(), total: len(names)}
	t.Run("workers", func(t *testing.T) {
		for worker := range runtime.GOMAXPROCS(0) {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for i := int(taken.Add(1)) - 1; i < len(names); i = int(taken.Add(1)) - 1 {
					for p := range zoneProbes(t, i, names[i], half) {
						do(t, p)
						windows.Add(1)
					}
					bar.step()
				}
			})
		}
	})
	if windows.Load() == 0 {
		t.Errorf("WAYBILL_PROVE=%s names no zone that changes its clock", proving)
	}
	t.Logf("%d windows", windows.Load())
}

// zoneProbes is the windows of the i-th zone.
func zoneProbes(t *testing.T, i int, name string, half time.Duration) iter.Seq[*probe] {
	return func(yield func(*probe) bool) {
		year := func(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }
		zone := load(t, name)
		r := rand.New(rand.NewPCG(uint64(i), 20261121))
		var list []cron.Transition
		switch {
		case proving == "1" || proving == name:
			list = zone.Transitions(year(1970), year(2038))
		case proving == "" && i%slowdown == 0:
			if list = zone.Transitions(year(1850), year(2119)); len(list) > 1 {
				list = []cron.Transition{list[r.IntN(len(list))]}
			}
		}
		for _, at := range list {
			p := &probe{zone: zone, clock: zoneClock{zone.Location()}, at: at, r: r}
			// Windows begin and end anywhere, also between whole minutes.
			p.from = at.At.Add(-half).Unix() - r.Int64N(7200)
			p.to = at.At.Add(half).Unix() + r.Int64N(7200)
			if !yield(p) {
				return
			}
		}
	}
}

// progress says on stderr, under -v, how far a full sweep is: a line per tenth.
type progress struct {
	what  string
	total int

	mu   sync.Mutex
	done int
}

func (p *progress) step() {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.done * 10 / p.total
	p.done++
	if tenth := p.done * 10 / p.total; tenth > before && proving != "" && testing.Verbose() {
		fmt.Fprintf(os.Stderr, "%s %s: %d%%\n", time.Now().Format(time.TimeOnly), p.what, tenth*10)
	}
}

// expressions is random expressions, most of which hit the change.
func (p *probe) expressions(t *testing.T, n int) []*naive {
	var list []*naive
	for len(list) < n {
		shown := fields(p.clock.wall(p.at.At.Unix()-1) + 1 + p.r.Int64N(7200) - 3600)
		x := randomExpr(p.r, &shown)
		if _, err := cron.Parse(x.text); err == nil {
			list = append(list, x)
		} else if e := err.(*cron.Error); e.Code != "WB201" {
			t.Fatalf("%s: %v", x.text, err)
		}
	}
	return list
}

// TestOracleRealMinutes compares the interval class with a walk over real minutes.
func TestOracleRealMinutes(t *testing.T) {
	var compared, fires atomic.Int64
	probes(t, 36*time.Hour, func(t *testing.T, p *probe) {
		list := p.expressions(t, 8)
		want := make([][]fired, len(list))
		p.clock.oracleA(p.from, p.to, func(u int64, shown civil) {
			for i, x := range list {
				if x.matches(shown) {
					want[i] = append(want[i], fired{instant: u})
				}
			}
		})
		for i, x := range list {
			s := schedule(t, x.text, p.zone, cron.Policy{Class: cron.IntervalClass})
			got := collect(s, p.from, p.to)
			for j := range got {
				got[j].nominal, got[j].reason = 0, ""
			}
			if !slices.Equal(got, want[i]) {
				t.Errorf("%s %q from %d: got %v, want %v", p.zone.Name(), x.text, p.from, got, want[i])
			}
			compared.Add(1)
			fires.Add(int64(len(got)))
		}
	})
	t.Logf("%d comparisons, %d firings", compared.Load(), fires.Load())
}

// TestOracleNominalMinutes compares every policy with a walk over nominal minutes.
func TestOracleNominalMinutes(t *testing.T) {
	var compared, moved, passes atomic.Int64
	probes(t, 30*time.Hour, func(t *testing.T, p *probe) {
		minutes := p.clock.oracleB(p.from, p.to)
		for _, x := range p.expressions(t, 3) {
			matching := x.matching(minutes)
			for _, policy := range policies() {
				s := schedule(t, x.text, p.zone, policy)
				want := firings(matching, policy, s.Fixed(), p.from, p.to)
				if !check(t, s, p.from, p.to, want) {
					t.Fatalf("%s %q %v from %d to %d", p.zone.Name(), x.text, policy, p.from, p.to)
				}
				compared.Add(1)
				for _, f := range want {
					switch f.reason {
					case cron.GapMoved:
						moved.Add(1)
					case cron.OverlapFirst, cron.OverlapSecond:
						passes.Add(1)
					}
				}
			}
		}
	})
	t.Logf("%d comparisons, %d moved firings, %d firings in overlaps", compared.Load(), moved.Load(), passes.Load())
}

// policies is the nine pairs of gap and fold for the fixed class, and the others.
func policies() []cron.Policy {
	list := []cron.Policy{{}, {Class: cron.IntervalClass}}
	for _, gap := range []cron.Gap{cron.NextValid, cron.Shift, cron.SkipGap} {
		for _, fold := range []cron.Fold{cron.First, cron.Second, cron.Both} {
			list = append(list, cron.Policy{Gap: gap, Fold: fold, Class: cron.Fixed})
		}
	}
	for i := range list {
		list[i] = list[i].WithDefaults()
	}
	return list
}

// check compares every way of asking a schedule with the wanted firings.
func check(t *testing.T, s *cron.Schedule, from, to int64, want []fired) bool {
	t.Helper()
	ok := true
	compare := func(how string, got []fired) {
		i := 0
		for i < min(len(got), len(want)) && got[i] == want[i] {
			i++
		}
		if i < max(len(got), len(want)) {
			t.Errorf("%s has %d firings, want %d; from the first difference: %v, want %v", how, len(got), len(want), got[i:min(i+2, len(got))], want[i:min(i+2, len(want))])
			ok = false
		}
	}
	compare("Between", collect(s, from, to))
	if n := s.Count(unix(from), unix(to)); n != len(want) {
		t.Errorf("Count is %d, want %d", n, len(want))
		ok = false
	}
	var instants []int64
	for _, f := range want {
		instants = append(instants, f.instant)
	}
	if got := s.AppendUnix(nil, unix(from), unix(to)); !slices.Equal(got, instants) {
		t.Errorf("AppendUnix is %v, want %v", got, instants)
		ok = false
	}
	var forward, backward []fired
	for f, more := s.Next(unix(from)); more && f.Instant.Unix() <= to; f, more = s.Next(f.Instant) {
		forward = append(forward, seen(f))
	}
	for f, more := s.Prev(unix(to + 1)); more && f.Instant.Unix() > from; f, more = s.Prev(f.Instant) {
		backward = append(backward, seen(f))
	}
	slices.Reverse(backward)
	compare("Next", forward)
	compare("Prev", backward)
	return ok
}

func collect(s *cron.Schedule, from, to int64) []fired {
	var list []fired
	for f := range s.Between(unix(from), unix(to)) {
		list = append(list, seen(f))
	}
	return list
}

func seen(f cron.Firing) fired { return fired{f.Instant.Unix(), int64(f.Nominal), f.Reason} }

func unix(u int64) time.Time { return time.Unix(u, 0) }

func load(t testing.TB, name string) *cron.Zone {
	t.Helper()
	z, err := cron.LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func schedule(t testing.TB, expr string, z *cron.Zone, p cron.Policy) *cron.Schedule {
	t.Helper()
	e, err := cron.Parse(expr)
	if err != nil {
		t.Fatalf("%s: %v", expr, err)
	}
	return cron.New(e, z, p)
}
