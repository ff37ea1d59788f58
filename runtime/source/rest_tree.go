package source

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/graph"
)

// single is a value that is neither list nor object, as JSON.
type single struct{ literal string }

// text is the value as a query parameter has it.
func (s single) text() string {
	var t string
	if json.Unmarshal([]byte(s.literal), &t) == nil && s.literal != "null" {
		return t
	}
	return s.literal
}

// none reports a value that stands for there being none.
func (s single) none() bool {
	return s.literal == "" || s.literal == "null" || s.literal == `""` || s.literal == "false"
}

// missed is how far the path to the records could be followed.
type missed struct {
	depth int
	there string // the path followed
	is    string // what is there, where it is no object
	names []string
}

// node is a place in the JSON text that is on the way to something wanted.
type node struct {
	under   map[string]*node
	path    string // as it is written
	depth   int
	keep    bool // the single value here is kept, under its path
	records bool // the list here has the records
	leads   bool // the records are here or below

	each *node // what is wanted in each record of the list here; nil: nothing
}

// newTree returns the places of the records, of the value to keep of each record,
// "" for none, and of the values to keep of the answer.
func newTree(records, each string, keep ...string) (*node, error) {
	root := &node{path: "the answer"}
	at, err := root.place(records, true)
	if err != nil {
		return nil, err
	}
	at.records = true
	if each != "" {
		at.each = &node{path: "a record"}
		cursor, err := at.each.place(each, false)
		if err != nil {
			return nil, err
		}
		cursor.keep = true
	}
	for _, path := range keep {
		if path == "" {
			continue
		}
		if at, err = root.place(path, false); err != nil {
			return nil, err
		}
		at.keep = true
	}
	return root, nil
}

func (n *node) place(path string, leads bool) (*node, error) {
	names, err := graph.ParsePath(path)
	if err != nil {
		return nil, fmt.Errorf("%q is not a path: %w", path, err)
	}
	n.leads = n.leads || leads
	for i, name := range names {
		next := n.under[name]
		if next == nil {
			if n.under == nil {
				n.under = map[string]*node{}
			}
			next = &node{path: strings.Join(names[:i+1], "."), depth: i + 1}
			n.under[name] = next
		}
		n = next
		n.leads = n.leads || leads
	}
	if !leads {
		n.path = path
	}
	return n, nil
}
