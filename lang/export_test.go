package lang

import "github.com/waybill-dev/waybill/lang/diag"

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

// ScanJSON lists what is wrong with the syntax of a file in JSON.
func ScanJSON(src []byte) diag.List {
	r := &report{}
	scanJSON("main.hcl.json", src, "{}", r)
	return r.list
}
