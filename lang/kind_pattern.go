package lang

import (
	"errors"
	"strings"

	"github.com/waybill-dev/waybill/lang/window"
)

// pattern checks the pattern of a file.
func (c conversion) pattern(text string) bool {
	return c.checkPattern(text, text)
}

// marker checks a done_marker: a pattern in which {file} is the file's path.
func (c conversion) marker(text string) bool {
	// "_file_" is as long as the token, so that offsets stay right.
	return c.checkPattern(text, strings.ReplaceAll(text, "{file}", "_file_"))
}

func (c conversion) checkPattern(text, pattern string) bool {
	_, err := window.ParsePattern(pattern)
	if err == nil {
		return true
	}
	var bad *window.PatternError
	if !errors.As(err, &bad) {
		return c.bad("%s.", err) != nil
	}
	c.scope.report.add(bad.Code, c.inside(text, bad.Offset, bad.Length), title(bad.Code), "%s", sentence(bad.Message, bad.Fix))
	return false
}
