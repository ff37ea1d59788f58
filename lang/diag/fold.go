package diag

import (
	"fmt"
	"strings"
)

// Folded makes one of the problems that several instances of a for_each block
// have alike, and says how many more have it. The list is sorted; the first
// of them is the one that stays.
func (l List) Folded() List {
	type sameness struct {
		code            Code
		file            string
		from            int
		block           string
		summary, detail string
	}
	kept := map[sameness]int{} // where in out
	more := map[int]int{}
	out := make(List, 0, len(l))
	for _, d := range l {
		base, key, ok := strings.Cut(d.Address, "[")
		if !ok || d.Range == nil {
			out = append(out, d)
			continue
		}
		first := -1
		exact := sameness{d.Code, d.Range.Filename, d.Range.Start.Byte, base, d.Summary, d.Detail}
		detail := strings.ReplaceAll(d.Detail, "["+key, "[]")
		if quoted := strings.TrimSuffix(key, "]"); quoted != "" {
			detail = strings.ReplaceAll(detail, quoted, "KEY")
			if plain := strings.Trim(quoted, `"`); len(plain) > 2 {
				detail = strings.ReplaceAll(detail, plain, "KEY")
			}
		}
		alike := exact
		alike.detail = detail
		for _, same := range []sameness{exact, alike} {
			if i, ok := kept[same]; ok {
				first = i
				break
			}
		}
		if first >= 0 {
			more[first]++
			continue
		}
		kept[exact], kept[alike] = len(out), len(out)
		out = append(out, d)
	}
	for i, n := range more {
		noun := "instances have"
		if n == 1 {
			noun = "instance has"
		}
		out[i].Detail += fmt.Sprintf(" And %d more %s this.", n, noun)
	}
	return out
}
