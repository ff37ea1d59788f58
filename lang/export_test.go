package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/waybill-dev/waybill/lang/diag"
)

// Compile compiles files that are in memory; scripts are not looked for.
func Compile(files map[string][]byte, o Options) (*Workspace, diag.List, error) {
	return compile(&Workspace{Sources: files}, nil, inputSet{}, o)
}

// CompileWith compiles files that are in memory with files of values.
func CompileWith(files, inputs map[string][]byte, o Options) (*Workspace, diag.List, error) {
	in := inputSet{}
	for _, name := range keys(inputs) {
		in.files = append(in.files, inputFile{name: name, text: inputs[name]})
	}
	return compile(&Workspace{Sources: files}, nil, in, o)
}

// FunctionNames lists what expressions may call.
func FunctionNames() []string { return keys(functions) }

// AbsentFunctions lists the functions that a message tells people to replace.
func AbsentFunctions() []string { return keys(absent) }

// WrongURL says what is wrong with a text that is to name a folder or be a URL.
func WrongURL(text string) string { return wrongURL(text) }

// WrongFolder says what of a text that names a folder would be taken as it stands.
func WrongFolder(text string) string { return wrongFolder(text) }

// Plain is whether a text needs no parser to be formatted.
func Plain(src []byte) bool { return isPlain(src, false) }

// FormatWhole formats a text that parses without cutting it.
func FormatWhole(src []byte) ([]byte, error) {
	file, problems := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
	if problems.HasErrors() {
		return nil, problems
	}
	return canonical(idiomatic(src, file.Body.(*hclsyntax.Body))), nil
}

// ScanJSON lists what is wrong with the syntax of a file in JSON.
func ScanJSON(src []byte) diag.List {
	r := &report{}
	scanJSON("main.hcl.json", src, "{}", r)
	return r.list
}

// WithSteps bounds what a load may take, for tests of what goes beyond.
func (o Options) WithSteps(n int) Options {
	o.steps = n
	return o
}

// InstanceCost is the steps that each block made by for_each adds.
const InstanceCost = instanceCost

// Made is the blocks that for_each and dynamic made.
func (w *Workspace) Made() int { return w.scope.budget.made }

// Steps is what the load took.
func (w *Workspace) Steps() int { return w.scope.budget.used }
