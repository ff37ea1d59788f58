package lang

import (
	"encoding/base64"
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
