package view

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestIndentedIsAsOfEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`null`, `0`, `""`, `"\""`, `"\\"`, `"a\\\"b{,:]"`, `{}`, `[]`, `[{}]`, `[[],{}]`, `{"a":[]}`, `{"a":{}}`,
		`{"a":1,"b":[1,2,{"c":"d"}],"e":{"f":null,"g":true}}`, `{"":"{}","[]":[""]}`, `[1.5e10,-2]`, `["\u003c","ü"]`,
	} {
		for _, prefix := range []string{"", "    "} {
			var want bytes.Buffer
			if err := json.Indent(&want, []byte(text), prefix, "  "); err != nil {
				t.Fatal(err)
			}
			if got := indented(nil, []byte(text), prefix); string(got) != want.String() {
				t.Errorf("%s:\ngot  %s\nwant %s", text, got, want.String())
			}
		}
	}
}
