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

// marker checks a done_marker or a manifest: a pattern in which {file} is the
// file's path.
func (c conversion) marker(text string) bool {
	// "_file_" is as long as the token, so that offsets stay right.
	if !c.checkPattern(text, strings.ReplaceAll(text, "{file}", "_file_")) {
		return false
	}
	var wrong *window.PatternError
	if _, err := window.ParseMarker(text); errors.As(err, &wrong) {
		c.scope.report.add(wrong.Code, c.inside(text, wrong.Offset, wrong.Length), title(wrong.Code), "%s", sentence(wrong.Message, wrong.Fix))
	}
	return wrong == nil
}

func (c conversion) checkPattern(text, pattern string) bool {
	wrong := window.PatternErrors(pattern)
	for _, w := range wrong {
		c.scope.report.add(w.Code, c.inside(text, w.Offset, w.Length), title(w.Code), "%s", sentence(w.Message, w.Fix))
	}
	return len(wrong) == 0
}
