package lang

import (
	"fmt"
	"strconv"
	"strings"
)

// constraint is one condition on a release: an operator and three numbers.
type constraint struct {
	op      string
	version [3]int
}

// parseConstraint reads ">= 0.1, < 2.0". The error is a phrase.
func parseConstraint(text string) ([]constraint, error) {
	var list []constraint
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		number := strings.TrimLeft(part, "<>=!~ ")
		op := strings.TrimSpace(strings.TrimSuffix(part, number))
		switch op {
		case "":
			op = "="
		case "=", "!=", ">", ">=", "<", "<=", "~>":
		default:
			return nil, fmt.Errorf("%q is not an operator; they are = != > >= < <= and ~>", op)
		}
		v, ok := parseVersion(number)
		if !ok {
			return nil, fmt.Errorf("%q is not a release", number)
		}
		if op == "~>" {
			upper := [3]int{v[0], v[1] + 1}
			if strings.Count(number, ".") < 2 {
				upper = [3]int{v[0] + 1}
			}
			list = append(list, constraint{">=", v}, constraint{"<", upper})
			continue
		}
		list = append(list, constraint{op, v})
	}
	return list, nil
}

// parseVersion reads "v1.2.3-rc1"; what follows the numbers counts for nothing.
func parseVersion(text string) (v [3]int, ok bool) {
	text, _, _ = strings.Cut(strings.TrimPrefix(text, "v"), "-")
	text, _, _ = strings.Cut(text, "+")
	parts := strings.Split(text, ".")
	if len(parts) > 3 {
		return v, false
	}
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 {
			return v, false
		}
		v[i] = n
	}
	return v, true
}

func (c constraint) met(v [3]int) bool {
	order := 0
	for i := range v {
		if v[i] != c.version[i] {
			order = v[i] - c.version[i]
			break
		}
	}
	switch c.op {
	case "=":
		return order == 0
	case "!=":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	default:
		return order <= 0
	}
}
