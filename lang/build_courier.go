package lang

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

var sourceTypes = []string{"filedrop", "rest_api", "warehouse", "exec"}

func (b *builder) courier(addr graph.Addr, o *object) graph.Courier {
	c := graph.Courier{
		Addr: addr, Landing: o.text("landing"), PollEvery: o.duration("poll_every"), Timeout: o.duration("timeout"),
		MaxConcurrent: o.number("max_concurrent"), Retry: b.retry(o),
	}
	source := b.one(o, addr, sourceTypes, diag.NoSource, diag.TwoSources, "A courier pulls from exactly one source")
	if source == nil {
		return c
	}
	switch source.schema.Type {
	case "filedrop":
		c.Filedrop = b.filedrop(source)
		b.files(addr, o, &c)
		return c
	case "rest_api":
		c.RestAPI = b.restAPI(addr, source)
		c.IgnoresRange = source.flag("ignores_range")
	case "warehouse":
		c.Warehouse = b.warehouse(source)
	case "exec":
		c.Exec = b.exec(source)
	}
	for _, kind := range []string{"file", "ready"} {
		for _, n := range o.blocks[kind] {
			b.add(diag.FileWithoutDrop, n.at, noun(upperFirst(kind))+" rules without a folder",
				"%s describes the files of a filedrop. This courier pulls from %s, so it has no effect; remove it.", n.title(), source.schema.Type)
		}
	}
	return c
}

// one returns the one block that is there of several types, or reports that
// there is none, or more than one.
func (b *builder) one(o *object, addr graph.Addr, types []string, none, many diag.Code, rule string) *object {
	var found []*object
	for _, kind := range types {
		found = append(found, o.blocks[kind]...)
	}
	slices.SortFunc(found, func(x, y *object) int { return cmp.Compare(x.at.Start.Byte, y.at.Start.Byte) })
	switch len(found) {
	case 0:
		if !o.foreign && !slices.ContainsFunc(types, func(t string) bool { return slices.Contains(o.meant, t) }) {
			b.add(none, o.at, title(none), "%s: %s. %s has none.", rule, orList(types), addr)
		}
		return nil
	case 1:
		return found[0]
	}
	for _, extra := range found[1:] {
		d := b.add(many, extra.at, title(many), "%s. This one has %s and %s; move one into a block of its own.", rule, found[0].schema.Type, extra.schema.Type)
		d.Related = []diag.Related{{Message: "the first", Range: *found[0].at}}
	}
	return found[0]
}

func (b *builder) filedrop(o *object) *graph.Filedrop {
	f := &graph.Filedrop{
		URL: o.value("url"), Username: o.value("username"), Password: o.value("password"), PrivateKey: o.value("private_key"),
		HostKey: o.value("host_key"), AccessKey: o.value("access_key"), SecretKey: o.value("secret_key"), Role: o.value("role"),
		MaxBandwidth: b.bandwidth(o), Parallel: o.number("parallel"),
	}
	if f.URL == nil {
		return f
	}
	wrong := func(name, format string, args ...any) {
		b.add(diag.BadValue, o.place(name), "Wrong value for "+name, format, args...)
	}
	scheme := schemeOf(f.URL)
	text, literal := f.URL.Literal()
	place, err := graph.ParseStorage(text)
	switch {
	case literal && strings.TrimSpace(text) == "":
		wrong("url", "The url is empty. Name a folder, such as \"drop/orders\".")
	case scheme != "" && !slices.Contains(graph.StorageSchemes, scheme):
		hint := didYouMean(scheme, "", graph.StorageSchemes)
		if hint == "" && sources[scheme] != "" {
			hint = fmt.Sprintf(" Write %s.", sources[scheme])
		}
		wrong("url", "A filedrop cannot read %s://. It reads a folder, or file://, s3://, gs://, azblob:// and sftp://.%s", scheme, hint)
	case literal && wrongURL(text) != "":
		wrong("url", "%s", wrongURL(text))
	case literal && wrongFolder(text) != "":
		wrong("url", "%s", wrongFolder(text))
	case literal && err != nil:
		wrong("url", "%s.", upperFirst(err.Error()))
	case literal && scheme == "sftp" && place.User == "" && !o.has("username"):
		wrong("url", "Nothing says which user to log in as. Write sftp://USER@%s, or username in the filedrop.", place.Host)
	case literal || scheme != "":
		b.credentials(o, scheme)
	}
	return f
}

// bandwidth is how many bytes a second may come; 0: as many as there are.
func (b *builder) bandwidth(o *object) graph.Size {
	size, written := written[graph.Size](o, "max_bandwidth")
	if written && size == 0 {
		b.add(diag.BadSize, o.place("max_bandwidth"), "Not a size", "With %q nothing would ever come. Write how many bytes a second may come, such as \"20MB\", or leave it out for no limit.", size)
	}
	return size
}

// credentials reports those that the place has no use for, and halves of a pair.
func (b *builder) credentials(o *object, scheme string) {
	at := graph.Storage{Scheme: scheme}
	known := at.Credentials()
	wrong := func(name, format string, args ...any) {
		b.add(diag.BadValue, o.place(name), "Wrong value for "+name, format, args...)
	}
	for _, name := range []string{"username", "password", "private_key", "host_key", "access_key", "secret_key", "role"} {
		switch {
		case !o.has(name) || slices.Contains(known, name):
		case !at.Remote():
			wrong(name, "A folder of this machine is read without credentials. Remove %s.", name)
		default:
			wrong(name, "A filedrop on %s:// has no use for %s. It takes %s.", scheme, name, strings.Join(known, ", "))
		}
	}
	for _, pair := range [][2]string{{"access_key", "secret_key"}, {"secret_key", "access_key"}} {
		if slices.Contains(known, pair[0]) && o.has(pair[0]) && !o.has(pair[1]) && !slices.Contains(o.meant, pair[1]) {
			wrong(pair[0], "%s is of no use without %s. Write both, or neither: then the credentials of the environment are used.", pair[0], pair[1])
		}
	}
}

// schemeOf returns the scheme of a URL, "" for a folder.
func schemeOf(v graph.Value) string {
	if len(v) == 0 || v[0].Ref != "" {
		return ""
	}
	scheme, _, found := strings.Cut(v[0].Literal, "://")
	if !found {
		return ""
	}
	return strings.ToLower(scheme)
}

// files fills in what a filedrop looks for.
func (b *builder) files(addr graph.Addr, o *object, c *graph.Courier) {
	for _, f := range o.blocks["file"] {
		c.Files = append(c.Files, graph.File{
			Name: f.label(), Pattern: f.text("pattern"), Days: weekOrder(f.list("days")), Except: unique(f.list("except")),
			Require: f.text("require"), RequireStated: f.has("require"), Optional: f.flag("optional"),
			Decompress: f.text("decompress"), MaxUnpacked: f.size("max_unpacked"),
		})
		b.decompress(f, &c.Files[len(c.Files)-1])
	}
	slices.SortFunc(c.Files, func(x, y graph.File) int { return cmp.Compare(x.Name, y.Name) })
	switch {
	case len(c.Files) == 0:
		b.add(diag.NoFile, o.at, "Folder without a file to look for",
			"%s has a filedrop but no file block, so it would never land anything. Add one: file \"NAME\" { pattern = \"…\" }.", addr)
	case !slices.ContainsFunc(c.Files, func(f graph.File) bool { return !f.Optional }) && slices.ContainsFunc(c.Files, dated):
		b.add(diag.AllOptional, o.at, "All files are optional",
			"All files of %s are optional. One of them must be there all the same: without any, the courier counts as missing.", addr)
	}
	if !(graph.Storage{Scheme: schemeOf(c.Filedrop.URL)}).Atomic() {
		c.Ready.StableFor = graph.Duration(30 * time.Second)
	}
	if r := o.only("ready"); r != nil {
		if r.has("stable_for") {
			c.Ready.StableFor = r.duration("stable_for")
		}
		c.Ready.MinSize = r.size("min_size")
		c.Ready.DoneMarker, c.Ready.Manifest = r.text("done_marker"), r.text("manifest")
	}
}

// decompress reports a setting of decompression that does nothing.
func (b *builder) decompress(o *object, f *graph.File) {
	switch {
	case f.Decompress == "" && f.MaxUnpacked > 0:
		b.add(diag.DecompressIdle, o.place("max_unpacked"), "Limit of a file that is not decompressed",
			"max_unpacked limits what comes out of a file that is decompressed, and this one lands as it is. Write decompress = \"auto\", or remove it.")
	case f.Decompress == graph.DecompressAuto && f.Pattern != "" && !strings.ContainsAny(f.Pattern[len(f.Pattern)-1:], "*?}"):
		if format, _, _ := graph.Decompression(f.Decompress, f.Pattern); format == "" {
			b.add(diag.DecompressIdle, o.place("decompress"), "File that is not decompressed",
				"decompress = \"auto\" goes by the end of a file's name, and no file of the pattern %q ends in .gz, .zst, .zip, .tar or the like. Write the format, such as \"gzip\", or remove it.", f.Pattern)
		}
	}
}

// dated reports whether a file's pattern has a date, rather than going by
// arrival.
func dated(f graph.File) bool { return strings.Contains(f.Pattern, "{") }

// weekOrder sorts days as they come in a week, each once.
func weekOrder(days []string) []string {
	out := slices.Clone(days)
	slices.SortFunc(out, func(x, y string) int { return cmp.Compare(slices.Index(weekdays, x), slices.Index(weekdays, y)) })
	return slices.Compact(out)
}

func (b *builder) retry(o *object) graph.Retry {
	r := o.only("retry")
	if r == nil {
		r = &object{schema: &retrySchema, at: o.at}
	}
	out := graph.Retry{Attempts: r.number("attempts"), Backoff: r.duration("backoff"), MaxBackoff: r.duration("max_backoff")}
	if out.Backoff > out.MaxBackoff {
		if r.has("max_backoff") {
			b.add(diag.BadValue, r.place("max_backoff"), "Wrong value for max_backoff", "max_backoff (%s) is shorter than backoff (%s).", out.MaxBackoff, out.Backoff)
		}
		out.MaxBackoff = out.Backoff
	}
	return out
}
