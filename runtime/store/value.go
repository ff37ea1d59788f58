package store

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"math"
	"time"
)

// instant stores a time.Time as nanoseconds since 1970, the zero Time as NULL.
type instant time.Time

var (
	firstInstant = time.Unix(0, math.MinInt64)
	lastInstant  = time.Unix(0, math.MaxInt64)
)

// Value implements driver.Valuer.
func (i instant) Value() (driver.Value, error) {
	t := time.Time(i)
	if t.IsZero() {
		return nil, nil
	}
	if t.Before(firstInstant) || t.After(lastInstant) {
		return nil, fmt.Errorf("the instant %s cannot be stored: it is before 1678 or after 2261", t.UTC().Format(time.RFC3339))
	}
	return t.UnixNano(), nil
}

// Scan implements sql.Scanner.
func (i *instant) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*i = instant{}
	case int64:
		*i = instant(time.Unix(0, v).UTC())
	default:
		return fmt.Errorf("an instant is stored as %T", src)
	}
	return nil
}

// document stores JSON as text, nil as NULL.
type document json.RawMessage

// Value implements driver.Valuer.
func (d document) Value() (driver.Value, error) {
	if d == nil {
		return nil, nil
	}
	return string(d), nil
}

// Scan implements sql.Scanner.
func (d *document) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = nil
	case string:
		*d = document(v)
	case []byte:
		*d = append(document{}, v...)
	default:
		return fmt.Errorf("a document is stored as %T", src)
	}
	return nil
}

// Document is the stored form of plain data, of which the store keeps the text
// only: a request, what a task works on, what a look saw.
func Document(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil { // plain data has a JSON form
		panic(fmt.Sprintf("store: encode %T: %v", v, err))
	}
	return text
}

// Parse reads what Document wrote. No text leaves into as it is.
func Parse(text json.RawMessage, into any) error {
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("decode a stored %T: %w", into, err)
	}
	return nil
}

// optional stores the empty string as NULL.
type optional string

// Value implements driver.Valuer.
func (o optional) Value() (driver.Value, error) {
	if o == "" {
		return nil, nil
	}
	return string(o), nil
}

// Scan implements sql.Scanner.
func (o *optional) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*o = ""
	case string:
		*o = optional(v)
	default:
		return fmt.Errorf("a text is stored as %T", src)
	}
	return nil
}
