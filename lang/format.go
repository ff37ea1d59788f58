package lang

import (
	"github.com/hashicorp/hcl/v2/hclwrite"

	"github.com/waybill-dev/waybill/lang/diag"
)

// Format returns a file in its canonical form: indentation, one space where one
// belongs, equals signs of neighbouring lines aligned. Comments and empty lines
// stay. Formatting twice changes nothing more. Text that does not parse comes
// back as it is, with what is wrong with it.
func Format(src []byte, filename string) ([]byte, diag.List) {
	r := &report{}
	if _, broken := parseFile(filename, src, false, r); broken {
		return src, r.list.Sorted()
	}
	return canonical(src), nil
}

// canonical formats until nothing changes: one pass of hclwrite does not settle
// every text.
func canonical(src []byte) []byte {
	for range 4 {
		out := hclwrite.Format(src)
		if string(out) == string(src) {
			break
		}
		src = out
	}
	return src
}
