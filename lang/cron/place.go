package cron

import "strings"

// parsePlace reads the forms that name a day by its place in the month; matched
// is false for anything else.
func (s *spec) parsePlace(w word) (it item, matched bool, err *Error) {
	text := upper(w.text)
	last := text[len(text)-1]
	day := word{w.text[:len(text)-1], w.at}
	switch {
	case strings.Contains(text, "#") && s.index == fieldWeekday:
		it, err = s.parseNth(w)
		return it, true, err
	case text == "L" && s.index == fieldDay:
		return item{kind: kindLastDay}, true, nil
	case text == "L" && s.index == fieldWeekday:
		return it, true, w.error(codeSyntax, s.name+": L needs a day before it", "write 6L for the last Saturday")
	case (text == "LW" || strings.HasPrefix(text, "L-")) && s.index == fieldDay:
		return it, true, w.error(codeSyntax, s.name+": "+w.text+" is known to a few crons only", "write L, or a list of days")
	case last == 'L' && s.index == fieldWeekday:
		n, err := s.parseValue(day)
		return item{kind: kindLastWeekday, lo: n % 7}, true, err
	case last == 'W' && s.index == fieldDay && day.text != "":
		n, err := s.parseValue(day)
		return item{kind: kindNearest, lo: n}, true, err
	}
	return it, false, nil
}

func (s *spec) parseNth(w word) (item, *Error) {
	left, right, _ := strings.Cut(w.text, "#")
	day, err := s.parseValue(word{left, w.at})
	if err != nil {
		return item{}, err
	}
	nth := word{right, w.at + len(left) + 1}
	n, ok := number(right)
	if !ok {
		return item{}, nth.error(codeSyntax, s.name+": "+quote(right)+" is not a number", "write the week after the #, such as 1#2")
	}
	if n < 1 || n > 5 {
		return item{}, nth.error(codeRange, "no month has week "+right, "write 1 to 5 behind the #")
	}
	return item{kind: kindNth, lo: day % 7, nth: n}, nil
}
