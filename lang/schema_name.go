package lang

import "cmp"

// FirstRelease is the release since which the language has what the table does
// not say another release of.
const FirstRelease = "0.1"

// Release is the first release that reads the block.
func (b *Block) Release() string { return cmp.Or(b.Since, FirstRelease) }

// Release is the first release that reads the attribute.
func (a *Attribute) Release() string { return cmp.Or(a.Since, FirstRelease) }

// String is the kind as schema and documentation call it.
func (k Kind) String() string { return kindNames[k] }

var kindNames = map[Kind]string{
	Text: "text", Word: "word", Words: "words", Strings: "texts", Bool: "bool", Int: "number", Unit: "number", Ints: "numbers",
	Duration: "duration", Size: "size", Instant: "instant", Dates: "dates", Clock: "time of day", Zone: "zone", Cron: "cron", Pattern: "pattern",
	Marker: "pattern", Folder: "folder", Version: "releases", Codes: "codes", Ref: "reference", Refs: "references", Value: "text",
	Values: "texts", ValueMap: "map of texts", JSON: "value", Condition: "condition", Type: "type", Any: "any value",
}

// Names lists the kinds of run-time values in a set: "run", "secret", "response".
func (r Runtime) Names() []string {
	var names []string
	for _, v := range []struct {
		kind Runtime
		name string
	}{{RunValues, "run"}, {SecretValues, "secret"}, {ResponseValues, "response"}} {
		if r&v.kind != 0 {
			names = append(names, v.name)
		}
	}
	return names
}
