package graph

import "strings"

// ThisMachine is the host of folders.
const ThisMachine = "localhost"

// Host is the host that a courier's source is at: that of its URL, without user
// and in small letters, with the port if it has one. It is ThisMachine for
// folders, the address as it is written where that is a secret, and empty for
// programs, of which nobody knows.
func (c *Courier) Host() string {
	var at Value
	switch {
	case c.Filedrop != nil:
		at = c.Filedrop.URL
	case c.RestAPI != nil:
		at = c.RestAPI.URL
	case c.Warehouse != nil:
		return c.Warehouse.DSN.String()
	}
	if len(at) == 0 {
		return ""
	}
	text, literal := at.Literal()
	if !literal {
		text = at.String()
	}
	scheme, rest, isURL := strings.Cut(text, "://")
	switch {
	case at[0].Ref != "" || isURL && rest == "":
		return text
	case !isURL || strings.EqualFold(scheme, "file"):
		return ThisMachine
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest[strings.LastIndexByte(rest, '@')+1:])
}
