package cron

import (
	"strconv"
	"strings"
)

// canonical is the item as [Expr.String] writes it.
func (it item) canonical(field int) string {
	var b strings.Builder
	it.write(&b, field)
	return b.String()
}

// write adds the canonical text of the item.
func (it item) write(b *strings.Builder, field int) {
	switch it.kind {
	case kindAll, kindAny:
		b.WriteByte('*')
	case kindSpan:
		lo, hi := it.lo, it.hi
		if field == fieldWeekday && lo == 7 {
			lo, hi = 0, 0
		}
		b.WriteString(rangeText(lo, hi))
	case kindFrom:
		b.WriteString(strconv.Itoa(it.lo))
	case kindLastDay:
		b.WriteByte('L')
	case kindNearest:
		b.WriteString(strconv.Itoa(it.lo) + "W")
	case kindLastWeekday:
		b.WriteString(strconv.Itoa(it.lo) + "L")
	case kindNth:
		b.WriteString(strconv.Itoa(it.lo) + "#" + strconv.Itoa(it.nth))
	}
	if it.step > 1 && it.lo < it.hi || it.kind == kindFrom {
		b.WriteString("/" + strconv.Itoa(it.step))
	}
}
