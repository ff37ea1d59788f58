package lang

import "github.com/waybill-dev/waybill/lang/graph"

// Block describes a type of block: what may stand in it. The table of all
// blocks, [Schema], is the one description of the language; decoding, checks
// and documentation come from it.
type Block struct {
	Type       string
	Labels     []string // what each label is, such as "name"
	Words      []string // if set, the choices for the first label
	Many       bool     // may be given more than once
	Since      string   // the first release that reads it; "" for FirstRelease
	Doc        string
	Attributes []Attribute
	Blocks     []*Block
}

// Attribute describes an attribute of a block.
type Attribute struct {
	Name     string
	Kind     Kind
	Required bool
	Default  string   // as text; "" for none
	Words    []string // the choices of a Word or Words
	Refs     []string // types of block that a Ref or Refs may name
	Only     []string // first labels of the blocks that have it; nil for all
	Takes    Runtime  // run-time values that may stand in it
	Private  bool     // of a Value: written out in the workspace, others would read it
	All      bool     // of a Ref: a block with for_each, named without key, is all its instances
	Min, Max int      // bounds of an Int, or of a Duration in seconds; Max 0 for none
	Since    string   // the first release that reads it; "" for FirstRelease
	Doc      string
	Example  string // as written; every required attribute has one
}

// Runtime is a set of kinds of run-time values.
type Runtime uint8

// The kinds of run-time values.
const (
	RunValues Runtime = 1 << iota // run.*, and in couriers range.*
	SecretValues
	ResponseValues
)

// Kind is the type of an attribute's value.
type Kind uint8

// The kinds of attribute, and the Go type each decodes to.
const (
	Text      Kind = iota // string
	Word                  // string, one of Words
	Words                 // []string, each one of Words
	Strings               // []string
	Bool                  // bool
	Int                   // int
	Unit                  // int, of a wait or an offset
	Ints                  // []int
	Duration              // graph.Duration
	Size                  // graph.Size
	Instant               // time.Time
	Dates                 // []string, "2026-12-25"
	Clock                 // string, "20:00"
	Zone                  // string, an IANA zone or one of Words
	Cron                  // string
	Pattern               // string, the name of a file with dates in it
	Marker                // string, a Pattern that may hold {file}
	Folder                // string, a folder or a URL
	Version               // string, such as ">= 0.1"
	Codes                 // []string, of diagnostics
	Ref                   // ref
	Refs                  // []ref
	Value                 // graph.Value
	Values                // []graph.Value
	ValueMap              // map[string]graph.Value
	JSON                  // graph.Value, a JSON text
	Condition             // graph.Condition
	Type                  // a type constraint, kept as written
	Any                   // any value, kept as written
)

// Schema returns the description of a workspace: the blocks that may stand in a
// file. Nobody may change it.
func Schema() *Block { return &workspaceSchema }

var workspaceSchema = Block{
	Doc: "A workspace: all .hcl and .hcl.json files of a directory, read together.",
	Blocks: []*Block{
		&waybillSchema, &variableSchema, &localsSchema, &secretSchema, &alertSchema,
		&courierSchema, &bridgeSchema, &processSchema, &activationSchema, &groupSchema, &movedSchema,
	},
}

func (b *Block) attribute(name string) *Attribute {
	for i := range b.Attributes {
		if b.Attributes[i].Name == name {
			return &b.Attributes[i]
		}
	}
	return nil
}

func (b *Block) block(name string) *Block {
	for _, n := range b.Blocks {
		if n.Type == name {
			return n
		}
	}
	return nil
}

// names lists what may stand in a block of the first label given, attributes
// first.
func (b *Block) names(label string) (attrs, blocks []string) {
	for i := range b.Attributes {
		if b.Attributes[i].allows(label) {
			attrs = append(attrs, b.Attributes[i].Name)
		}
	}
	for _, n := range b.Blocks {
		blocks = append(blocks, n.Type)
	}
	return attrs, blocks
}

func (a *Attribute) allows(label string) bool {
	if a.Only == nil {
		return true
	}
	for _, o := range a.Only {
		if o == label {
			return true
		}
	}
	return false
}

// events are what an alert can be told of.
var events = []string{
	"failed", "missing", "late", "slow", "sla_missed", "not_started",
	"succeeded", "stopped", "blocked", "held", "source_error", "misconfigured",
}

// forEachAttribute makes a block of each element.
var forEachAttribute = Attribute{Name: "for_each", Kind: Any,
	Doc: "A map or a set of texts: there is one such block for each key, in which each.key and each.value are known."}

var weekdays = []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}

var (
	onMissingWords = []string{graph.OnMissingStop, graph.OnMissingContinue}
	overlapWords   = []string{graph.BufferOne, graph.BufferAll, graph.SkipOverlap, graph.CancelOther}
	catchUpWords   = []string{graph.Coalesce, graph.Each, graph.SkipCatchUp}
)
