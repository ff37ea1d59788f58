package cron

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"strings"
	"sync"
)

// zoneinfoZip holds the compiled zones of one tzdata release, and the entry
// linksEntry; zoneinfo.sh makes it.
//
//go:embed zoneinfo.zip
var zoneinfoZip []byte

//go:embed zoneinfo.release
var zoneinfoRelease string

// linksEntry lists old names and the zones they stand for, two words a line.
const linksEntry = "+links"

// Release is the release of the embedded time zone database, such as "2026f".
func Release() string { return strings.TrimSpace(zoneinfoRelease) }

// bundle is the opened zip.
type bundle struct {
	files map[string]*zip.File
	names []string
	links map[string]string
}

// zoneinfo opens the embedded zip, once. It is part of the program, so that a
// damaged one is a broken build and panics.
var zoneinfo = sync.OnceValue(func() *bundle {
	archive, err := zip.NewReader(bytes.NewReader(zoneinfoZip), int64(len(zoneinfoZip)))
	if err != nil {
		panic(fmt.Sprintf("cron: embedded time zone database: %v", err))
	}
	b := &bundle{files: make(map[string]*zip.File), links: make(map[string]string)}
	for _, f := range archive.File {
		b.files[f.Name] = f
		if f.Name != linksEntry && !refused(f.Name) {
			b.names = append(b.names, f.Name)
		}
	}
	for line := range strings.Lines(string(b.read(linksEntry))) {
		if old, current, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			b.links[old] = current
		}
	}
	return b
})

// read is the content of an entry that exists.
func (b *bundle) read(name string) []byte {
	f, err := b.files[name].Open()
	if err != nil {
		panic(fmt.Sprintf("cron: embedded time zone %s: %v", name, err))
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		panic(fmt.Sprintf("cron: embedded time zone %s: %v", name, err))
	}
	return data
}
