package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the golden files and the expected output of scripts anew")

// TestMain makes this test binary answer as waybill where it is called so, in
// scripts and in the tests that need real processes.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"waybill": main})
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": startServer, "signal": signalServer, "certify": certify,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("TZ", "America/St_Johns") // nothing may depend on the machine's zone
			env.Setenv("USER", "tester")
			return os.Mkdir(filepath.Join(env.WorkDir, "tmp"), 0o777)
		},
	})
}
