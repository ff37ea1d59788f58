package lang

import (
	"encoding/base64"
	"net/url"
	"time"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

var base64Encode = function.New(&function.Spec{
	Description: "The bytes of a text, in UTF-8, as standard base64.",
	Params:      []function.Parameter{{Name: "str", Type: cty.String}},
	Type:        function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		return cty.StringVal(base64.StdEncoding.EncodeToString([]byte(args[0].AsString()))), nil
	},
})

var base64Decode = function.New(&function.Spec{
	Description: "The text, in UTF-8, that standard base64 stands for.",
	Params:      []function.Parameter{{Name: "str", Type: cty.String}},
	Type:        function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		text, err := base64.StdEncoding.DecodeString(args[0].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "it is not base64")
		}
		if !utf8.Valid(text) {
			return cty.NilVal, function.NewArgErrorf(0, "what it stands for is not text")
		}
		return cty.StringVal(string(text)), nil
	},
})

var urlEncode = textFunction("A text as it stands in the query of a URL.", "text", func(text string) (string, error) {
	return url.QueryEscape(text), nil
})

var urlDecode = textFunction("The text that was written for the query of a URL.", "text", func(text string) (string, error) {
	plain, err := url.QueryUnescape(text)
	if err != nil || !utf8.ValidString(plain) {
		return "", function.NewArgErrorf(0, "it is not text in the form of a URL")
	}
	return plain, nil
})

// textFunction is a function from text to text; messages call the text param.
func textFunction(doc, param string, f func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Description: doc,
		Params:      []function.Parameter{{Name: param, Type: cty.String}},
		Type:        function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, err := f(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(text), nil
		},
	})
}

// timeCompare says which of two times is first.
var timeCompare = function.New(&function.Spec{
	Description: "-1, 0 or 1: whether a time is before, at or after another.",
	Params:      []function.Parameter{{Name: "a", Type: cty.String}, {Name: "b", Type: cty.String}},
	Type:        function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		var at [2]time.Time
		for i, a := range args {
			t, err := time.Parse(time.RFC3339, a.AsString())
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(i, "a time is written 2026-11-21T13:00:00Z")
			}
			at[i] = t
		}
		return cty.NumberIntVal(int64(at[0].Compare(at[1]))), nil
	},
})
