package diag

import (
	"bufio"
	"fmt"
	"io"
	"path"
	"strings"
)

// WriteCompact writes each problem on a line of its own, sorted, as compilers do
// and editors read: "file:line:col: severity: message [CODE]". A problem of no
// file has "waybill" in place of its position. base is the path of the workspace
// that file names are to begin with; "" for none. The error is that of w.
func WriteCompact(w io.Writer, l List, base string) error {
	out := bufio.NewWriter(w)
	for _, d := range l.Sorted() {
		at := "waybill"
		if d.Range != nil {
			r := *d.Range
			r.Filename = path.Join(base, r.Filename)
			at = position(r)
		}
		text := strings.Join(strings.Fields(printable(d.Detail)), " ")
		if text != "" {
			text = ": " + text
		}
		if d.Code != "" {
			text += " [" + printable(string(d.Code)) + "]"
		}
		fmt.Fprintf(out, "%s: %s: %s%s\n", at, printable(string(d.Severity)), printable(d.Summary), text)
	}
	return out.Flush()
}
