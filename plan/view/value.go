package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/plan"
)

// value writes the first JSON value that is there.
func value(alternatives ...json.RawMessage) string {
	for _, raw := range alternatives {
		if raw != nil {
			return unescaped(raw)
		}
	}
	return ""
}

// unescaped is JSON text in which < > & stand for themselves.
func unescaped(raw json.RawMessage) string {
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return string(raw)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return string(raw)
	}
	s := strings.TrimSpace(b.String())
	if list, ok := v.([]any); ok && len(list) > 1 {
		s = strings.ReplaceAll(s, `","`, `", "`)
	}
	return s
}

// sequences are the lists whose order means something.
var sequences = []string{"command", "statements"}

// setDifference writes what comes into and what goes from a list that is a set;
// nothing where it is no such list.
func setDifference(a plan.Attribute) []string {
	var before, after []any
	_, last := cutLast(a.Path)
	if slices.Contains(sequences, last) || json.Unmarshal(a.Before, &before) != nil || json.Unmarshal(a.After, &after) != nil {
		return nil
	}
	old, now := words(before), words(after)
	var parts []string
	for _, w := range now {
		if !slices.Contains(old, w) {
			parts = append(parts, "+ "+w)
		}
	}
	for _, w := range old {
		if !slices.Contains(now, w) {
			parts = append(parts, "- "+w)
		}
	}
	return parts
}

func words(list []any) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = fmt.Sprint(v)
	}
	return out
}
