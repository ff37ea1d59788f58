package database_test

import (
	"testing"

	"github.com/waybill-dev/waybill/runtime/database"
)

// What a server writes that is only like PostgreSQL ends no process.
func TestTextsThatPostgreSQLNeverWrites(t *testing.T) {
	t.Parallel()
	for text, f := range map[string]database.Field{
		`""`:           {Kind: database.Number},
		`"-"`:          {Kind: database.Number, Text: []byte("-")},
		`[false,true]`: {Kind: database.Array, Elem: database.Bool, Text: []byte(`{"",t}`)},
		`["",1]`:       {Kind: database.Array, Elem: database.Number, Text: []byte(`{"",1}`)},
		`["5"]`:        {Kind: database.Array, Elem: database.Time, Text: []byte(`{5}`)},
	} {
		if got, err := f.AppendJSON(nil); err != nil || string(got) != text {
			t.Errorf("%q: %s %v, want %s", f.Text, got, err, text)
		}
	}
	for _, text := range []string{"", "[0:1]", "[", "x", "{1", `{"1`} {
		if got, err := (database.Field{Kind: database.Array, Elem: database.Number, Text: []byte(text)}).AppendJSON(nil); err == nil {
			t.Errorf("%q: %s", text, got)
		}
	}
}
