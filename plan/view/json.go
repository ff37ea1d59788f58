package view

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/waybill-dev/waybill/plan"
)

//go:embed plan.schema.json
var schema []byte

// JSONSchema returns the JSON Schema (draft 2020-12) of what JSON prints. It holds
// for all documents of its major version: keys are added to them, and none goes,
// becomes optional or means something else.
func JSONSchema() []byte { return slices.Clone(schema) }

// JSON prints the plan as one indented document, without the graph and the zone
// rules that a saved plan carries. Equal plans give equal bytes. It is written
// piece by piece, so that it never stands in memory as a whole.
func JSON(w io.Writer, p *plan.Plan) error {
	s := &jsonStream{out: bufio.NewWriter(w)}
	s.encoder = json.NewEncoder(&s.piece)
	s.encoder.SetEscapeHTML(false)
	s.document(p)
	if s.err == nil {
		s.err = s.out.Flush()
	}
	if s.err != nil {
		return fmt.Errorf("write plan as JSON: %w", s.err)
	}
	return nil
}

// jsonStream writes a document as encoding/json would, one value at a time.
type jsonStream struct {
	out     *bufio.Writer
	encoder *json.Encoder // into piece
	piece   bytes.Buffer
	err     error
}

// withheld are the keys of a plan that only the saved plan has.
var withheld = []string{"graph", "zones"}

// document writes the fields of a plan in their order, lists an element at a time.
func (s *jsonStream) document(p *plan.Plan) {
	v := reflect.ValueOf(p).Elem()
	separator := "{\n"
	for i := range v.NumField() {
		key, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		field := v.Field(i)
		if slices.Contains(withheld, key) || strings.Contains(options, "omit") && field.IsZero() {
			continue
		}
		s.text(separator + `  "` + key + `": `)
		if field.Kind() == reflect.Slice && field.Len() > 0 {
			s.list(field)
		} else {
			s.value(field, "  ")
		}
		separator = ",\n"
	}
	s.text("\n}\n")
}

func (s *jsonStream) list(v reflect.Value) {
	separator := "[\n    "
	for i := range v.Len() {
		s.text(separator)
		s.value(v.Index(i), "    ")
		separator = ",\n    "
	}
	s.text("\n  ]")
}

// value writes a value whose lines but the first begin with indent.
func (s *jsonStream) value(v reflect.Value, indent string) {
	if s.err != nil {
		return
	}
	s.piece.Reset()
	s.encoder.SetIndent(indent, "  ")
	if s.err = s.encoder.Encode(v.Addr().Interface()); s.err == nil {
		_, s.err = s.out.Write(bytes.TrimSuffix(s.piece.Bytes(), []byte("\n")))
	}
}

func (s *jsonStream) text(t string) {
	if s.err == nil {
		_, s.err = s.out.WriteString(t)
	}
}
