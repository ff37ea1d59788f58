package cron_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

func TestWallCivil(t *testing.T) {
	t.Parallel()
	for day := int64(-750_000); day < 3_000_000; day += slowdown {
		w := cron.Wall(day*86400 + 5*3600 + 7*60)
		want := time.Unix(int64(w), 0).UTC()
		y, m, d, hh, mm := w.Civil()
		if y != want.Year() || m != want.Month() || d != want.Day() || hh != 5 || mm != 7 || w.Weekday() != want.Weekday() {
			t.Fatalf("%v is %d-%d-%d %d:%d", want, y, m, d, hh, mm)
		}
		if back := cron.WallOf(y, m, d, hh, mm); back != w {
			t.Fatalf("%v comes back as %v", w, back)
		}
	}
}

func TestWallArithmetic(t *testing.T) {
	t.Parallel()
	w := cron.WallOf(2027, 1, 31, 21, 30)
	for _, c := range []struct {
		name string
		got  cron.Wall
		want string
	}{
		{"itself", w, "2027-01-31 21:30"},
		{"midnight", w.Midnight(), "2027-01-31 00:00"},
		{"a day later", w.AddDays(1), "2027-02-01 21:30"},
		{"a month later", w.AddMonths(1), "2027-02-28 21:30"},
		{"13 months later, in a leap year", w.AddMonths(13), "2028-02-29 21:30"},
		{"a month earlier", w.AddMonths(-1), "2026-12-31 21:30"},
		{"11 months earlier", w.AddMonths(-11), "2026-02-28 21:30"},
		{"90 minutes later", w.Add(90 * time.Minute), "2027-01-31 23:00"},
		{"seconds", w.Add(5 * time.Second), "2027-01-31 21:30:05"},
		{"fields carried over", cron.WallOf(2026, 14, 0, 24, 60), "2027-02-01 01:00"},
		{"month 0", cron.WallOf(2027, 0, 1, 0, 0), "2026-12-01 00:00"},
		{"before the epoch", cron.WallOf(1, 1, 1, 0, 0), "0001-01-01 00:00"},
		{"midnight before the epoch", cron.WallOf(1969, 12, 31, 1, 0).Midnight(), "1969-12-31 00:00"},
	} {
		if c.got.String() != c.want {
			t.Errorf("%s: got %v, want %s", c.name, c.got, c.want)
		}
	}
	if d := w.AddDays(1).Sub(w); d != 24*time.Hour {
		t.Errorf("a day is %v", d)
	}
	if w.Date() != "2027-01-31" || w.Clock() != "21:30" || w.Format("Jan 2 15:04") != "Jan 31 21:30" {
		t.Errorf("got %q %q %q", w.Date(), w.Clock(), w.Format("Jan 2 15:04"))
	}
}

func TestWallText(t *testing.T) {
	t.Parallel()
	type box struct{ W cron.Wall }
	b, err := json.Marshal(box{cron.WallOf(2026, 11, 1, 1, 30)})
	if err != nil || string(b) != `{"W":"2026-11-01 01:30"}` {
		t.Fatalf("%s, %v", b, err)
	}
	var back box
	if err := json.Unmarshal(b, &back); err != nil || back.W != cron.WallOf(2026, 11, 1, 1, 30) {
		t.Errorf("%v, %v", back, err)
	}
	for _, text := range []string{"", "2026-11-01", "2026-02-30 00:00", "2026-11-01T01:30", "2026-11-01 25:00"} {
		if w, err := cron.ParseWall(text); err == nil {
			t.Errorf("%q is %v", text, w)
		}
	}
}
