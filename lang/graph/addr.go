package graph

import (
	"fmt"
	"strings"
)

// Addr names a block of the workspace the way a reference to it is written:
// "courier.orders", "courier_group.daily", "alert.slack.data_ops",
// "activation.campaign.winback", and `courier.feed["acme"]` for an instance of
// a for_each block. It is the key in diagnostics, diffs, the store, alerts and
// logs.
type Addr string

// The kinds of block that have an address.
const (
	KindCourier    = "courier"
	KindBridge     = "bridge"
	KindProcess    = "process"
	KindActivation = "activation"
	KindAlert      = "alert"
	KindGroup      = "courier_group"
	KindSecret     = "secret"
)

// NewAddr builds the address of a block from its type and labels.
func NewAddr(kind string, labels ...string) Addr {
	return Addr(strings.Join(append([]string{kind}, labels...), "."))
}

// GroupAddr accepts "daily" and "courier_group.daily" alike, as a person types
// them.
func GroupAddr(name string) Addr {
	if strings.HasPrefix(name, KindGroup+".") {
		return Addr(name)
	}
	return NewAddr(KindGroup, name)
}

// Instance returns the address of an instance of a for_each block, its key
// quoted as in HCL.
func (a Addr) Instance(key string) Addr {
	return a + `["` + Addr(quoting.Replace(key)) + `"]`
}

var quoting = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")

// Kind returns the block type: the text before the first dot.
func (a Addr) Kind() string {
	kind, _, _ := strings.Cut(string(a), ".")
	return kind
}

// Name returns the last label with its for_each key, if any:
// `feed["acme"]` of `courier.feed["acme"]`, "winback" of
// "activation.campaign.winback".
func (a Addr) Name() string {
	s, key := string(a), ""
	if i := strings.IndexByte(s, '['); i >= 0 {
		s, key = s[:i], s[i:]
	}
	return s[strings.LastIndexByte(s, '.')+1:] + key
}

// Typed returns the name as a person types it after a command: in single quotes
// where a shell would read something into it.
func (a Addr) Typed() string { return Typed(a.Name()) }

// Typed returns a word as a person types it in a shell.
func Typed(word string) string {
	if !strings.ContainsAny(word, "[]\"'\\ $&;|<>()*?`!#~") {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// OfRun returns the group of a run's key, or of the beginning of one, as it was
// typed: what stands before the first "@" or "#" that is not within a for_each key.
func OfRun(key string) string {
	from := max(strings.LastIndex(key, `"]`), 0)
	if i := strings.IndexAny(key[from:], "@#"); i >= 0 {
		return key[:from+i]
	}
	return key
}

// String returns the address as written in a reference.
func (a Addr) String() string { return string(a) }

// RunKey names one scheduled run: the group's address, "@" and the scheduled
// instant in UTC. A key never runs twice.
func RunKey(group Addr, scheduled string) string { return fmt.Sprintf("%s@%s", group, scheduled) }

// ShortRun is the key of a run as it is shown and typed: without the kind that all
// groups have.
func ShortRun(key string) string { return strings.TrimPrefix(key, KindGroup+".") }
