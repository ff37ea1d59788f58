package lang

import "github.com/waybill-dev/waybill/lang/diag"

// Compile compiles files that are in memory; scripts are not looked for.
func Compile(files map[string][]byte, o Options) (*Workspace, diag.List, error) {
	return compile(&Workspace{Sources: files}, nil, inputSet{}, o)
}

// FunctionNames lists what expressions may call.
func FunctionNames() []string { return keys(functions) }

// AbsentFunctions lists the functions that a message tells people to replace.
func AbsentFunctions() []string { return keys(absent) }
