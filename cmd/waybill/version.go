package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/waybill-dev/waybill/lang/cron"
)

// release is what `waybill version --json` prints.
type release struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"` // built from a checkout with changes of its own
	Go       string `json:"go"`
	TZData   string `json:"tzdata"`
	Platform string `json:"platform"`
}

// thisRelease is read from what the toolchain wrote into the binary.
func thisRelease() release {
	r := release{
		Version:  "devel",
		Go:       runtime.Version(),
		TZData:   cron.Release(),
		Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return r
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		r.Version = v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			r.Commit = s.Value
		case "vcs.modified":
			r.Modified = s.Value == "true"
		}
	}
	return r
}

// number is the release's number for required_version, without the "v"; empty
// for a build of a checkout, which has none.
func (r release) number() string {
	if !strings.HasPrefix(r.Version, "v") || strings.HasPrefix(r.Version, "v0.0.0-") {
		return ""
	}
	return strings.TrimPrefix(r.Version, "v")
}

func (p *program) versionCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:     "version [--json]",
		Short:   "Print the release, the zone data it carries, and the platform",
		Example: "waybill version\nwaybill version --json",
		Args:    positional(0, 0),
		RunE: func(*cobra.Command, []string) error {
			if asJSON {
				return writeJSON(p.stdout, thisRelease())
			}
			return p.printVersion()
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return cmd
}

func (p *program) printVersion() error {
	r := thisRelease()
	var b strings.Builder
	fmt.Fprintf(&b, "waybill %s\n", r.Version)
	if r.Commit != "" {
		suffix := ""
		if r.Modified {
			suffix = " with local changes"
		}
		fmt.Fprintf(&b, "commit   %s%s\n", r.Commit, suffix)
	}
	fmt.Fprintf(&b, "go       %s\ntzdata   %s\nplatform %s\n", r.Go, r.TZData, r.Platform)
	_, err := io.WriteString(p.stdout, b.String())
	return err
}

// writeJSON writes one indented JSON document.
func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(asIs(w))
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
