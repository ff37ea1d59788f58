package lang

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

var (
	md5Sum    = digest("MD5", func(b []byte) []byte { s := md5.Sum(b); return s[:] })
	sha1Sum   = digest("SHA-1", func(b []byte) []byte { s := sha1.Sum(b); return s[:] })
	sha256Sum = digest("SHA-256", func(b []byte) []byte { s := sha256.Sum256(b); return s[:] })
	sha512Sum = digest("SHA-512", func(b []byte) []byte { s := sha512.Sum512(b); return s[:] })
)

func digest(name string, sum func([]byte) []byte) function.Function {
	return textFunction("The "+name+" sum of a text, in hexadecimal.", "text", func(text string) (string, error) {
		return hex.EncodeToString(sum([]byte(text))), nil
	})
}

// namespaces are those of RFC 9562 for names of well-known kinds.
var namespaces = map[string]string{
	"dns":  "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
	"url":  "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
	"oid":  "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
	"x500": "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
}

// uuidV5 is the UUID of a name: version 5 of RFC 9562.
var uuidV5 = function.New(&function.Spec{
	Description: "The UUID of a name within a namespace.",
	Params:      []function.Parameter{{Name: "namespace", Type: cty.String}, {Name: "name", Type: cty.String}},
	Type:        function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		given := args[0].AsString()
		space, ok := namespaces[given]
		if !ok {
			space = given
		}
		id, err := hex.DecodeString(strings.ReplaceAll(space, "-", ""))
		if err != nil || len(id) != 16 {
			return cty.NilVal, function.NewArgErrorf(0, "a namespace is dns, url, oid, x500 or a UUID")
		}
		h := sha1.Sum(append(id, args[1].AsString()...))
		u := h[:16]
		u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
		return cty.StringVal(fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])), nil
	},
})
