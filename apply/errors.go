package apply

import (
	"fmt"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// Fault is what is wrong with a plan file.
type Fault string

// The faults of a plan file.
const (
	Foreign Fault = "foreign" // it was not written by Write
	Cut     Fault = "cut"     // its end is missing
	Altered Fault = "altered" // its content is not what was written
	Newer   Fault = "newer"   // a newer release wrote it
)

// FileError says why a file is not a plan that can be applied.
type FileError struct {
	Path   string // as given to Read, empty for Decode
	Fault  Fault
	Tool   string // release that wrote the file, where Fault is Newer and it says
	Reason string // what was found, a phrase
}

func (e *FileError) Error() string {
	name := e.Path
	if name == "" {
		name = "the plan"
	}
	return name + " " + e.what()
}

func (e *FileError) what() string {
	switch e.Fault {
	case Cut:
		return "was cut short: " + e.Reason
	case Altered:
		return "was altered after it was written: " + e.Reason
	case Newer:
		return "was written by a newer release of Waybill: " + e.Reason
	default:
		return "is not a plan: " + e.Reason
	}
}

// Cure is what to do about it, a sentence.
func (e *FileError) Cure() string {
	switch e.Fault {
	case Cut:
		return "Copy it again, or plan again."
	case Altered:
		return "A plan is applied as it was reviewed or not at all: change the workspace and plan again."
	case Newer:
		return "Apply it with that release, or plan again with this one."
	default:
		return "Name a file that 'waybill plan --out FILE' wrote."
	}
}

// Code is that of the catalogue of diagnostics.
func (e *FileError) Code() diag.Code {
	switch e.Fault {
	case Cut:
		return diag.PlanFileCut
	case Altered:
		return diag.PlanFileAltered
	case Newer:
		return diag.PlanFileNewer
	default:
		return diag.PlanFileForeign
	}
}

// RefusedError carries why a plan may not be applied.
type RefusedError struct{ Problems diag.List }

func (e *RefusedError) Error() string {
	var reasons []string
	for _, d := range e.Problems {
		reasons = append(reasons, d.Summary)
	}
	return "the plan may not be applied: " + strings.Join(reasons, "; ")
}

// MismatchError says that a runtime is not the one that a plan was made against.
type MismatchError struct {
	Base       plan.Base
	Current    graph.Deployment // what is applied now, without its graph
	OtherStore bool             // another store; else the same one with another content under the same serial
}

func (e *MismatchError) Error() string {
	if e.OtherStore {
		return fmt.Sprintf("the plan is of another workspace: it was made against store %s, and this is store %s",
			name(e.Base.Store), name(e.Current.Store))
	}
	return fmt.Sprintf("the plan was made against another deployment: serial %d had the digest %s then and has %s now",
		e.Base.Serial, name(e.Base.Digest), name(e.Current.Digest))
}

// Cure is what to do about it, in sentences.
func (e *MismatchError) Cure() string {
	if e.OtherStore {
		return "Apply it where it was made, or plan again here."
	}
	return "The store was restored from a copy or changed by hand. Plan again."
}

// Code is that of the catalogue of diagnostics.
func (e *MismatchError) Code() diag.Code {
	if e.OtherStore {
		return diag.PlanOfAnother
	}
	return diag.PlanBaseReplaced
}

func name(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}
