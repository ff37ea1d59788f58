package diag

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Suggest returns the candidate that was most likely meant by given, or "" when
// none is near. Case and the difference between "-", "_" and " " count for
// nothing, and a shared beginning counts for a candidate, because people mistype
// the ends of words. The answer does not depend on the order of the candidates.
func Suggest(given string, candidates []string) string {
	want := fold(given)
	if want == nil {
		return ""
	}
	type choice struct {
		name string
		cost int // in fifths of an edit
	}
	var near []choice
	for _, name := range candidates {
		if cost := distance(want, fold(name)); name != given && cost <= tolerance(len(want)) {
			near = append(near, choice{name, cost})
		}
	}
	if len(near) == 0 {
		return ""
	}
	return slices.MinFunc(near, func(a, b choice) int {
		return cmp.Or(
			cmp.Compare(a.cost, b.cost),
			cmp.Compare(utf8.RuneCountInString(a.name), utf8.RuneCountInString(b.name)),
			strings.Compare(a.name, b.name),
		)
	}).name
}

// An edit costs 5; each shared first letter, up to 4, takes 2 off. A word is
// forgiven one edit for every three letters; one of a letter or two must share
// its first.
const (
	edit        = 5
	prefixBonus = 2
	maxPrefix   = 4
)

func tolerance(letters int) int {
	if letters < 3 {
		return edit - prefixBonus
	}
	return edit * letters / 3
}

func fold(s string) []rune {
	return []rune(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return '_'
		}
		return r
	}, strings.ToLower(s)))
}

func distance(a, b []rune) int {
	shared := 0
	for shared < min(len(a), len(b)) && a[shared] == b[shared] {
		shared++
	}
	switch {
	case shared == len(a) && shared == len(b):
		return 0
	case shared == len(a) && shared >= 3: // an abbreviation: desc for description
		return edit - 1
	}
	return damerau(a, b)*edit - min(shared, maxPrefix)*prefixBonus
}

// damerau counts the letters to insert, delete, replace or swap with their
// neighbour to turn a into b (optimal string alignment).
func damerau(a, b []rune) int {
	before, above, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(b)]
}
