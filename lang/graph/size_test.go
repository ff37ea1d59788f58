package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]graph.Size{
		"0B": 0, "1B": 1, "500B": 500, "1kB": 1000, "1KiB": 1024, "1500kB": 1_500_000, "4MiB": 4 << 20, "3GB": 3e9, "2GiB": 2 << 30,
		"1TB": 1e12, "1TiB": 1 << 40, "9223372036854775807B": 1<<63 - 1,
	} {
		got, err := graph.ParseSize(text)
		if got != want || err != nil {
			t.Errorf("%s: %d %v", text, got, err)
		}
		if got.String() != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
	for text, says := range map[string]string{
		"": "empty", "kB": "number", "-1kB": "number", "1000": `"1000B"`, "1.5MB": "whole", "1,5MB": "whole", "1KB": `"1kB"`, "1k": `"1kB"`,
		"1 kB": `"1kB"`, "1mb": `"1MB"`, "2gib": `"2GiB"`, "1G": `"1GB"`, "1 byte": "not a unit", "1PB": "not a unit", "20MB/s": `write "20MB"`, "20miles/s": "not a unit",
		"9223372036854775808B": "larger", "9999999TiB": "larger", "1h": "not a unit",
	} {
		if got, err := graph.ParseSize(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %d %v", text, got, err)
		}
	}
	var s graph.Size
	if text, err := json.Marshal(graph.Size(2048)); string(text) != `"2KiB"` || err != nil || json.Unmarshal(text, &s) != nil || s != 2048 {
		t.Errorf("%s %v %d", text, err, s)
	}
	if json.Unmarshal([]byte(`"2"`), &s) == nil {
		t.Error("a size without unit is read")
	}
}
