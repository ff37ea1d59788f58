// Command floor does with the .hcl files of a directory what no program that
// reads HCL with the hcl module can do without, and nothing else.
//
//	floor decode DIR   parse each file, decode the blocks and keep their expressions
//	floor format DIR   format each file and compare
package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

func main() {
	if len(os.Args) != 3 {
		fail("usage: floor decode|format DIR")
	}
	names, err := filepath.Glob(filepath.Join(os.Args[2], "*.hcl"))
	if err != nil {
		fail(err)
	}
	files := make([][]byte, len(names))
	for i, name := range names {
		if files[i], err = os.ReadFile(name); err != nil {
			fail(err)
		}
	}
	switch os.Args[1] {
	case "decode":
		fmt.Println(decode(names, files), "blocks")
	case "format":
		fmt.Println(format(files), "files to format")
	}
}

func fail(why any) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}

// decode reads all files as a workspace of blocks, with gohcl, and evaluates
// nothing: expressions stay as they were parsed.
func decode(names []string, files [][]byte) int {
	parser := hclparse.NewParser()
	all := make([]workspace, len(files))
	n := 0
	for i, src := range files {
		file, problems := parser.ParseHCL(src, names[i])
		if problems.HasErrors() {
			fail(problems)
		}
		w := &all[i]
		if problems := gohcl.DecodeBody(file.Body, nil, w); problems.HasErrors() {
			fail(problems)
		}
		n += len(w.Settings) + len(w.Variables) + len(w.Locals) + len(w.Couriers) + len(w.Processes) + len(w.Groups)
	}
	return n
}

func format(files [][]byte) int {
	n := 0
	for _, src := range files {
		if !bytes.Equal(hclwrite.Format(src), src) {
			n++
		}
	}
	return n
}

type workspace struct {
	Settings  []settings `hcl:"waybill,block"`
	Variables []variable `hcl:"variable,block"`
	Locals    []locals   `hcl:"locals,block"`
	Couriers  []courier  `hcl:"courier,block"`
	Processes []process  `hcl:"process,block"`
	Groups    []group    `hcl:"courier_group,block"`
}

type settings struct {
	Rest hcl.Body `hcl:",remain"`
}

type variable struct {
	Name string   `hcl:"name,label"`
	Rest hcl.Body `hcl:",remain"`
}

type locals struct {
	Values hcl.Attributes `hcl:",remain"`
}

type courier struct {
	Name          string         `hcl:"name,label"`
	ForEach       hcl.Expression `hcl:"for_each,optional"`
	Landing       hcl.Expression `hcl:"landing,optional"`
	PollEvery     hcl.Expression `hcl:"poll_every,optional"`
	MaxConcurrent hcl.Expression `hcl:"max_concurrent,optional"`
	Filedrop      *filedrop      `hcl:"filedrop,block"`
	Exec          *exec          `hcl:"exec,block"`
	Files         []file         `hcl:"file,block"`
	Ready         *ready         `hcl:"ready,block"`
	Retry         *retry         `hcl:"retry,block"`
}

type filedrop struct {
	URL hcl.Expression `hcl:"url"`
}

type file struct {
	Name    string         `hcl:"name,label"`
	Pattern hcl.Expression `hcl:"pattern"`
	Days    hcl.Expression `hcl:"days,optional"`
}

type ready struct {
	StableFor hcl.Expression `hcl:"stable_for"`
}

type retry struct {
	Attempts hcl.Expression `hcl:"attempts,optional"`
	Backoff  hcl.Expression `hcl:"backoff,optional"`
}

type exec struct {
	Command     hcl.Expression `hcl:"command"`
	Environment hcl.Expression `hcl:"environment,optional"`
}

type process struct {
	Name    string         `hcl:"name,label"`
	ForEach hcl.Expression `hcl:"for_each,optional"`
	After   hcl.Expression `hcl:"after,optional"`
	Timeout hcl.Expression `hcl:"timeout,optional"`
	Exec    exec           `hcl:"exec,block"`
}

type group struct {
	Name        string         `hcl:"name,label"`
	ForEach     hcl.Expression `hcl:"for_each,optional"`
	Description hcl.Expression `hcl:"description,optional"`
	Schedule    hcl.Expression `hcl:"schedule,optional"`
	Couriers    hcl.Expression `hcl:"couriers,optional"`
	Processes   hcl.Expression `hcl:"processes,optional"`
	Accept      hcl.Expression `hcl:"accept,optional"`
	Defaults    *remain        `hcl:"defaults,block"`
	After       []after        `hcl:"after,block"`
}

type after struct {
	Name string   `hcl:"name,label"`
	Rest hcl.Body `hcl:",remain"`
}

type remain struct {
	Rest hcl.Body `hcl:",remain"`
}
