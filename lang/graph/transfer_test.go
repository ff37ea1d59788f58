package graph_test

import (
	"testing"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestATransferInWords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		transfer graph.Transfer
		want     string
	}{
		{graph.Transfer{Of: 1, Bytes: 1_234_567, All: 4_000_000, Rate: 1_000_000}, "1.2 MB of 4.0 MB (30 %), 1.0 MB/s, 3s left"},
		{graph.Transfer{Files: 3, Of: 10, Bytes: 500, All: 500_000_000_000, Rate: 50_000_000}, "3 of 10 files, 500 B of 500.0 GB (0 %), 50.0 MB/s, 2h46m40s left"},
		{graph.Transfer{Files: 3, Of: 10, Bytes: 500, All: 1000}, "3 of 10 files, 500 B of 1.0 kB (50 %), nothing comes"},
		{graph.Transfer{Of: 1, Bytes: 5000, All: 1000, Rate: 10}, "5.0 kB of 1.0 kB (100 %), 10 B/s"},    // more than was listed
		{graph.Transfer{Of: 1, Bytes: 5000, Rate: 10}, "5.0 kB, 10 B/s"},                                 // nobody knows how much
		{graph.Transfer{Of: 1, Bytes: 1, All: 9_000_000_000_000, Rate: 1}, "1 B of 9.0 TB (0 %), 1 B/s"}, // in 285,000 years
		{graph.Transfer{Of: 1, Bytes: 9_000_000_000_000, All: 9_000_000_000_000, Rate: 1}, "9.0 TB of 9.0 TB (100 %), 1 B/s, 0s left"},
		{graph.Transfer{}, "nothing has come yet"},
		{graph.Transfer{Of: 1}, "0 B, nothing comes"},
		{graph.Transfer{Files: 1, Bytes: 400, Rate: 100}, "1 file, 400 B, 100 B/s"}, // of a program
		{graph.Transfer{Files: 3}, "3 files, 0 B, nothing comes"},
		{graph.Transfer{Pages: 1, Rows: 3400, Bytes: 5_200_000, Rate: 1_000_000}, "1 page, 3400 records, 5.2 MB, 1.0 MB/s"},
		{graph.Transfer{Pages: 12, Rows: 1, Bytes: 40, Rate: 1}, "12 pages, 1 record, 40 B, 1 B/s"},
		{graph.Transfer{Rows: 16, Bytes: 400, Rate: 100}, "16 rows, 400 B, 100 B/s"},
	} {
		if got := test.transfer.String(); got != test.want {
			t.Errorf("%s, want %s", got, test.want)
		}
	}
}

func TestTransfersAddUp(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	one := graph.Transfer{Since: at, At: at.Add(time.Minute), File: "a", Files: 1, Of: 2, Bytes: 10, All: 20, Rate: 1}
	two := graph.Transfer{Since: at.Add(-time.Hour), At: at.Add(time.Hour), File: "b", Files: 1, Of: 1, Bytes: 5, All: 5, Rate: 2}
	want := graph.Transfer{Since: two.Since, At: two.At, File: "b", Files: 2, Of: 3, Bytes: 15, All: 25, Rate: 3}
	if got := (graph.Transfer{}).Plus(one).Plus(two); got != want {
		t.Errorf("%+v", got)
	}
	endless := graph.Transfer{At: at, Since: at, Pages: 2, Rows: 3, Bytes: 10, Rate: 1}
	want.Pages, want.Rows, want.Bytes, want.All, want.Rate = 2, 3, 25, 0, 4
	if got := one.Plus(endless).Plus(two); got != want {
		t.Errorf("with one of which nobody knows the end: %+v", got)
	}
	program := graph.Transfer{At: at, Since: at, Files: 7, Bytes: 10}
	for name, got := range map[string]graph.Transfer{"first": program.Plus(one).Plus(two), "last": one.Plus(two).Plus(program), "between": one.Plus(program).Plus(two)} {
		if got.Files != 9 || got.Of != 0 {
			t.Errorf("with a program %s: %d of %d files", name, got.Files, got.Of)
		}
	}
}
