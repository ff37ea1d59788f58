package window

import (
	"strconv"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// Object is a file as the source lists it.
type Object struct {
	Path    string    `json:"path"` // relative to the source's URL, with slashes
	Size    int64     `json:"size"`
	ModTime time.Time `json:"mod_time"`       // zero: the source does not say
	ETag    string    `json:"etag,omitempty"` // empty: the source has none
}

// Version identifies the content of an object among all that were ever found at
// its path: the ETag, else size and modification time.
func (o Object) Version() string {
	if o.ETag != "" {
		return "etag:" + o.ETag
	}
	return "size:" + strconv.FormatInt(o.Size, 10) + ",modified:" + o.ModTime.UTC().Format(time.RFC3339Nano)
}

// Look is one listing of a source. At is the source's own clock when it began to
// be listed, so that files are not judged by the difference of two clocks.
type Look struct {
	At        time.Time
	Objects   []Object
	Manifests map[string]graph.Manifest // by path: what those of [Want.Manifests] say
}

// Sighting remembers since when a path has had the same version.
type Sighting struct {
	Version string    `json:"version"`
	Since   time.Time `json:"since"` // by the server's clock
}

// Taken is a file to land.
type Taken struct {
	File   string `json:"file"` // name of the file block
	Date   string `json:"date,omitempty"`
	Object Object `json:"object"`
	Check  *Check `json:"check,omitempty"` // nil: no manifest is asked for
}

// The values of Missing.Why.
const (
	Absent        = "absent"
	ListedAbsent  = "in its manifest, and absent"
	StillChanging = "still changing"
	NoMarker      = "no done marker"
	NoManifest    = "no manifest"
	BadManifest   = "its manifest cannot be read"
	NotListed     = "not in its manifest"
	OtherSize     = "not of the size in its manifest"
	TooSmall      = "too small"
)

// Missing is a file that is not ready. Name is the name that was looked for, with
// its wildcards, or the path of a file that is there and not whole. Date is empty
// for an undated pattern.
type Missing struct {
	File     string `json:"file"`
	Date     string `json:"date,omitempty"`
	Name     string `json:"name"`
	Why      string `json:"why"`
	Optional bool   `json:"optional,omitempty"`
}

// Gone reports whether nothing is there, rather than a file that is not ready.
func (m Missing) Gone() bool { return m.Why == Absent || m.Why == ListedAbsent }

// Verdict is what a look is worth.
type Verdict struct {
	// Ready: everything required is there and whole.
	Ready bool

	// Take is what is there, whole, and not landed yet, by date, then path: what
	// lands now when Ready, and at the deadline under on_missing = "continue".
	Take []Taken

	// Missing is what is not ready, in the order of the Want. When Ready only
	// files remain that are optional.
	Missing []Missing

	// Again is when, by the server's clock, one more look decides the files that
	// are there and not known to be whole; zero where there is none that matters.
	Again time.Time

	// At is the look's time, against which Again is to be read.
	At time.Time

	// Passed are the nearest of the files that were there and are not taken: those
	// that the run waits for, then others, at most MaxPassed of PassedInAll.
	Passed      []Passed
	PassedInAll int

	// Listed is how many files the look had.
	Listed int

	// Sightings is to be handed to the next Judge of the same run and courier.
	Sightings map[string]Sighting
}

// History is what is known of objects from earlier runs of the same group and
// courier. A nil function knows none.
type History struct {
	Landed func(Object) bool // this version has landed
	Seen   func(Object) bool // marked as seen by the courier's first look, see [Want.FirstSeen]
}

func (h History) landed(o Object) bool { return h.Landed != nil && h.Landed(o) }
func (h History) seen(o Object) bool   { return h.Seen != nil && h.Seen(o) }
