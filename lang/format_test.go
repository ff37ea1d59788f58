package lang_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang"
)

func TestFormat(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, src, want string }{
		{"empty", "", ""},
		{"aligned", "courier_group \"daily\" {\nschedule=\"0 13 * * *\"\n  timezone   =   \"UTC\"\n}\n",
			"courier_group \"daily\" {\n  schedule = \"0 13 * * *\"\n  timezone = \"UTC\"\n}\n"},
		{"comments stay", "# one\n\n\nlocals { # two\na=1 // three\n}\n", "# one\n\n\nlocals { # two\n  a = 1  // three\n}\n"},
		{"one line", "wait   {hours=2}\n", "wait { hours = 2 }\n"},
		{"labels in quotes", "courier a {\n  file b {}\n}\n", "courier \"a\" {\n  file \"b\" {}\n}\n"},
		{"expressions without quotes", "locals {\n  a=\"${b}\"\n  c=\"${ d ? 1 : 2 }\"\n e = \"${\"${f}\"}\"\n}\n",
			"locals {\n  a = b\n  c = d ? 1 : 2\n  e = f\n}\n"},
		{"expressions of several lines", "locals {\n  a = \"${\n    b\n  }\"\n  c = \"${[\n    1,\n  ]}\"\n}\n",
			"locals {\n  a = b\n  c = ([\n    1,\n  ])\n}\n"},
		{"texts stay", "locals {\n  a = [\"${b}\", \"${b}c\", \"${b}${c}\"]\n}\n", "locals {\n  a = [\"${b}\", \"${b}c\", \"${b}${c}\"]\n}\n"},
		{"no new line at the end", "locals {}", "locals {}"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, list := lang.Format([]byte(tt.src), "main.hcl")
			if len(list) > 0 {
				t.Errorf("problems: %v", list)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFormatLeavesBrokenTextAlone(t *testing.T) {
	t.Parallel()
	src := "locals {\na=\n}\n"
	got, list := lang.Format([]byte(src), "main.hcl")
	if string(got) != src || !list.HasErrors() {
		t.Errorf("Format = %q, %v", got, list)
	}
}

func FuzzFormat(f *testing.F) {
	for _, src := range seeds(f) {
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		once, list := lang.Format(src, "main.hcl")
		if list.HasErrors() {
			if string(once) != string(src) {
				t.Fatal("text with errors was changed")
			}
			return
		}
		twice, list := lang.Format(once, "main.hcl")
		if list.HasErrors() {
			t.Fatalf("formatting broke the text: %v\n%q\n%q", list, src, once)
		}
		if string(once) != string(twice) {
			t.Fatalf("not stable:\n%q\n%q\n%q", src, once, twice)
		}
	})
}
