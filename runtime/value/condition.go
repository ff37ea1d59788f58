package value

import (
	"math/big"
	"regexp"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Condition tells whether a condition holds. A null in the answer reads as the
// empty text here, so that a field that is not filled in yet can be tested. and
// and or look no further than they must.
func (v *Resolver) Condition(c graph.Condition) (bool, error) {
	switch c.Op {
	case "and", "or":
		for _, part := range c.All {
			holds, err := v.Condition(part)
			if err != nil || holds == (c.Op == "or") {
				return holds, err
			}
		}
		return c.Op == "and", nil
	case "not":
		if len(c.All) != 1 {
			return false, Misconfigured.Errorf("test a condition", "not takes one condition and has %d", len(c.All))
		}
		holds, err := v.Condition(c.All[0])
		return !holds && err == nil, err
	}
	left, err := v.operand(c.Left)
	if err != nil {
		return false, err
	}
	if c.Op == "in" {
		for _, x := range c.Any {
			right, err := v.operand(x)
			if err != nil || compare(left, right) == 0 {
				return err == nil, err
			}
		}
		return false, nil
	}
	right, err := v.operand(c.Right)
	if err != nil {
		return false, err
	}
	order := compare(left, right)
	switch c.Op {
	case "==":
		return order == 0, nil
	case "!=":
		return order != 0, nil
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	case ">=":
		return order >= 0, nil
	}
	return false, Misconfigured.Errorf("test a condition", "this release of Waybill does not know the operator %q", c.Op)
}

func (v *Resolver) operand(x graph.Value) (string, error) {
	return v.join(x, emptyNull, func(_ int, s string) string { return s })
}

// number is JSON's: "007" and "0x7" are text.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]{1,3})?$`)

// precision in bits is enough for numbers of a hundred digits: identifiers of
// 64 bits must not be taken for their neighbours.
const precision = 512

func compare(a, b string) int {
	if number.MatchString(a) && number.MatchString(b) {
		x, _, errX := big.ParseFloat(a, 10, precision, big.ToNearestEven)
		y, _, errY := big.ParseFloat(b, 10, precision, big.ToNearestEven)
		if errX == nil && errY == nil {
			return x.Cmp(y)
		}
	}
	return strings.Compare(a, b)
}
