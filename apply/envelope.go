package apply

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/plan"
)

// A plan file is one JSON object in which the plan's bytes stand behind their own
// digest:
//
//	{"format":"waybill-plan","format_version":1,"tool":"0.1.0","sha256":"…","plan":{…}}
//
// The envelope keeps its shape over all versions, so that any release can tell
// what it has before it.
type envelope struct {
	Format        string          `json:"format"`
	FormatVersion int             `json:"format_version"`
	Tool          string          `json:"tool"` // release that wrote it
	SHA256        string          `json:"sha256"`
	Plan          json.RawMessage `json:"plan"`
}

const (
	formatName    = "waybill-plan"
	formatVersion = 1
	// opening is how every plan file begins.
	opening = `{"format":"` + formatName + `"`
)

// Encode writes a plan as the content of a plan file. Equal plans give equal
// bytes.
func Encode(p *plan.Plan) ([]byte, error) {
	payload, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	text, err := json.Marshal(envelope{formatName, formatVersion, p.Tool, digest(payload), payload})
	if err != nil {
		return nil, fmt.Errorf("encode plan: %w", err)
	}
	return append(text, '\n'), nil
}

// Decode reads the content of a plan file. The error is always a *FileError.
func Decode(data []byte) (*plan.Plan, error) {
	e, err := open(data)
	if err != nil {
		return nil, err
	}
	if e.FormatVersion > formatVersion {
		return nil, &FileError{Fault: Newer, Tool: e.Tool,
			Reason: fmt.Sprintf("release %s, format %d; this one reads format %d", name(e.Tool), e.FormatVersion, formatVersion)}
	}
	if e.FormatVersion < 1 {
		return nil, &FileError{Fault: Altered, Reason: fmt.Sprintf("there is no format %d", e.FormatVersion)}
	}
	if digest(e.Plan) != e.SHA256 {
		return nil, &FileError{Fault: Altered, Reason: "its content does not have the digest that was written with it"}
	}
	return payload(e)
}

// open reads the envelope.
func open(data []byte) (envelope, error) {
	if !bytes.HasPrefix(data, []byte(opening)) {
		if bytes.HasPrefix([]byte(opening), data) {
			return envelope{}, &FileError{Fault: Cut, Reason: fmt.Sprintf("it has %d bytes", len(data))}
		}
		return envelope{}, &FileError{Fault: Foreign, Reason: "it does not begin as the files of `waybill plan --out` do"}
	}
	var e envelope
	d := json.NewDecoder(bytes.NewReader(data))
	switch err := d.Decode(&e); {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return envelope{}, &FileError{Fault: Cut, Reason: fmt.Sprintf("it ends after %d bytes, in the middle of the plan", len(data))}
	case err != nil:
		return envelope{}, &FileError{Fault: Altered, Reason: err.Error()}
	}
	if _, err := d.Token(); err != io.EOF {
		return envelope{}, &FileError{Fault: Altered, Reason: "something stands behind the plan"}
	}
	return e, nil
}

// payload reads the plan whose digest is right: what does not fit now was written
// by another release, or by somebody who made the digest too.
func payload(e envelope) (*plan.Plan, error) {
	var p plan.Plan
	d := json.NewDecoder(bytes.NewReader(e.Plan))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return nil, &FileError{Fault: Altered, Reason: err.Error()}
	}
	switch {
	case p.FormatVersion != plan.FormatVersion:
		return nil, &FileError{Fault: Altered, Reason: fmt.Sprintf("the plan in it has format %q, not %q", p.FormatVersion, plan.FormatVersion)}
	case p.Graph == nil && p.GraphDigest != "", p.Graph != nil && p.Graph.Digest() != p.GraphDigest:
		return nil, &FileError{Fault: Altered, Reason: "the workspace in it does not have the digest that the plan gives"}
	case p.Graph != nil && p.Graph.FormatVersion > graph.FormatVersion:
		return nil, &FileError{Fault: Newer, Tool: e.Tool,
			Reason: fmt.Sprintf("release %s, workspace format %d; this one reads format %d", name(e.Tool), p.Graph.FormatVersion, graph.FormatVersion)}
	}
	return &p, nil
}

func digest(payload []byte) string {
	sum := sha256.Sum256(payload)
	return hex.EncodeToString(sum[:])
}
