package database

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/waybill-dev/waybill/runtime/value"
)

// The server's numbers of its types: they never change.
const (
	oidUnknown     = 0 // the server takes what the place of the parameter asks for
	oidBool        = 16
	oidText        = 25
	oidJSON        = 114
	oidJSONB       = 3802
	oidTimestamp   = 1114
	oidTimestampTZ = 1184
)

// numbers are int8, int2, int4, oid, float4, float8, numeric.
var numbers = []uint32{20, 21, 23, 26, 700, 701, 1700}

// plain are types that are text here and are no lists: bytea, "char", name,
// int2vector and oidvector, which the server says are lists and does not write as
// such, text, cidr, inet, bpchar, varchar, date, time, interval, timetz, uuid.
var plain = []uint32{17, 18, 19, 22, 30, oidText, 650, 869, 1042, 1043, 1082, 1083, 1186, 1266, 2950}

// binds are the values of parameters, as text.
func binds(params []value.Parameter) [][]byte {
	list := make([][]byte, len(params))
	for i, p := range params {
		switch {
		case p.Null: // stays nil: NULL
		case p.Edge == value.Beginning:
			list[i] = []byte("-infinity")
		case p.Edge == value.End:
			list[i] = []byte("infinity")
		default:
			list[i] = []byte(p.Text)
		}
	}
	return list
}

// oids are the types of parameters: an instant is one, and what formatdate writes
// is of the type that its place asks for, such as a date.
func oids(params []value.Parameter) []uint32 {
	list := make([]uint32, len(params))
	for i, p := range params {
		switch {
		case p.Format != "":
			list[i] = oidUnknown
		case p.Instant():
			list[i] = oidTimestampTZ
		default:
			list[i] = oidText
		}
	}
	return list
}

// column is what the text of a column is, and how it becomes ours.
type column struct {
	kind Kind
	elem Kind
	oid  uint32
}

// columns looks up the types of columns. A type that is neither built in nor a
// list is text.
func (db *postgres) columns(ctx context.Context, op string, fields []pgconn.FieldDescription) ([]column, error) {
	list := make([]column, len(fields))
	var others []string
	for i, f := range fields {
		kind, known := scalar(f.DataTypeOID)
		list[i] = column{kind: kind, oid: f.DataTypeOID}
		if !known {
			others = append(others, strconv.FormatUint(uint64(f.DataTypeOID), 10))
		}
	}
	if len(others) == 0 {
		return list, nil
	}
	answer := db.conn.ExecParams(ctx, "select oid, typelem from pg_type where oid = any($1::text::oid[]) and typelem <> 0 and typlen = -1 and typdelim = ','",
		[][]byte{[]byte("{" + strings.Join(others, ",") + "}")}, nil, nil, nil).Read()
	if answer.Err != nil {
		return nil, serverFault(ctx, op, "", answer.Err)
	}
	for _, row := range answer.Rows {
		oid, _ := strconv.ParseUint(string(row[0]), 10, 32)
		elem, _ := strconv.ParseUint(string(row[1]), 10, 32)
		for i := range list {
			if list[i].oid == uint32(oid) {
				list[i].kind = Array
				list[i].elem, _ = scalar(uint32(elem))
			}
		}
	}
	return list, nil
}

func scalar(oid uint32) (kind Kind, known bool) {
	switch {
	case oid == oidBool:
		return Bool, true
	case oid == oidTimestampTZ:
		return Time, true
	case oid == oidTimestamp:
		return Wall, true
	case oid == oidJSON, oid == oidJSONB:
		return JSON, true
	case slices.Contains(numbers, oid):
		return Number, true
	}
	return Text, slices.Contains(plain, oid)
}

var yes, no = []byte("true"), []byte("false")

// read makes a field of what the server wrote. Scratch keeps the memory that it
// needs for that.
func (c column) read(raw []byte, f *Field, scratch *[]byte) {
	*f = Field{Kind: c.kind, Elem: c.elem, Null: raw == nil}
	if raw != nil {
		f.Text = ours(c.kind, raw, scratch)
	}
}

// ours is the text of a value as the server wrote it, in our form.
func ours(kind Kind, raw []byte, scratch *[]byte) []byte {
	switch {
	case kind == Bool && bytes.HasPrefix(raw, []byte("t")):
		return yes
	case kind == Bool:
		return no
	case kind == Time:
		*scratch = appendInstant((*scratch)[:0], raw)
		return *scratch
	case kind == Wall && bytes.IndexByte(raw, ' ') == len("2026-11-21"):
		*scratch = append((*scratch)[:0], raw...)
		(*scratch)[len("2026-11-21")] = 'T'
		return *scratch
	}
	return raw
}

// appendInstant writes an instant of the server, "2026-11-21 05:00:00.25-08", as
// RFC 3339 in UTC. What that form cannot say stays as it is: infinity, years
// before 1 and after 9999.
func appendInstant(to, raw []byte) []byte {
	const wall = len("2026-11-21 05:00:00")
	sign := bytes.LastIndexAny(raw, "+-")
	if sign < wall || raw[10] != ' ' || raw[4] != '-' || bytes.HasSuffix(raw, []byte("BC")) {
		return append(to, raw...)
	}
	year, month, day := digits(raw[0:4]), digits(raw[5:7]), digits(raw[8:10])
	hour, minute, second := digits(raw[11:13]), digits(raw[14:16]), digits(raw[17:19])
	offset := 0
	for i, unit := 0, 3600; i < 3 && sign+1+3*i+2 <= len(raw); i, unit = i+1, unit/60 {
		offset += digits(raw[sign+1+3*i:sign+3+3*i]) * unit
	}
	if raw[sign] == '-' {
		offset = -offset
	}
	at := time.Date(year, time.Month(month), day, hour, minute, second-offset, 0, time.UTC)
	if at.Year() < 1 || at.Year() > 9999 {
		return append(to, raw...)
	}
	to = at.AppendFormat(to, "2006-01-02T15:04:05")
	to = append(to, raw[wall:sign]...) // the fraction, with its dot
	return append(to, 'Z')
}

func digits(text []byte) (n int) {
	for _, c := range text {
		n = 10*n + int(c-'0')
	}
	return n
}
