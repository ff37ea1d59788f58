package lang

import (
	"cmp"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/waybill-dev/waybill/lang/diag"
	"github.com/waybill-dev/waybill/lang/graph"
)

func (c conversion) valueMap(v cty.Value) any {
	if ty := v.Type(); !ty.IsObjectType() && !ty.IsMapType() {
		return c.wrongType(v)
	}
	m := map[string]graph.Value{}
	values := v.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		e := c.unmark(values[name])
		if !e.IsKnown() || e.IsNull() {
			continue
		}
		text, ok := toText(e)
		if !ok || e.Type() == reference {
			c.scope.report.add(diag.WrongType, c.at, "Wrong type", "%s holds texts; %s is %s.", c.schema.Name, name, typeName(e))
			continue
		}
		m[name] = c.scope.parts(text)
		if c.schema.Name == "headers" && slices.Contains(privateHeaders, strings.ToLower(name)) {
			c.openly("header "+name, m[name])
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

// privateHeaders are headers that log in, in small letters.
var privateHeaders = []string{"authorization", "proxy-authorization", "x-api-key", "api-key", "apikey", "x-auth-token", "cookie"}

// openly reports a password or a key that stands in the workspace itself. What is too
// short to be one fills a place: some APIs take a key for the user, and any password.
func (c conversion) openly(name string, v graph.Value) {
	const short = 4
	if text, written := v.Literal(); written && len(text) >= short {
		c.scope.report.add(diag.OpenSecret, c.at, "Secret in plain text",
			"The %s is written out, so whoever reads the workspace, a plan or the store has it. Declare secret \"NAME\" { env = \"VARIABLE\" } and write secret.NAME here.", name)
	}
}

// json writes a value as JSON. Run-time values stand inside of its strings.
func (c conversion) json(v cty.Value) any {
	if !v.IsWhollyKnown() {
		return nil
	}
	if ty := v.Type(); ty.IsPrimitiveType() || ty == reference {
		c.scope.report.add(diag.WrongType, c.at, "Wrong type", "json takes a value to send as JSON, an object or a list, without jsonencode. Text that is JSON already goes into body.")
		return nil
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return c.bad("It cannot be written as JSON: %s.", err)
	}
	return c.scope.parts(string(text))
}

// folder takes a folder, relative to the workspace or not, or a URL.
func (c conversion) folder(text string) any {
	switch {
	case strings.TrimSpace(text) == "":
		return c.bad("%s is empty. Name a folder, such as %q.", c.schema.Name, cmp.Or(c.schema.Default, "tools"))
	case c.schema.Name == workingDirAttribute.Name && (wrongURL(text) != "" || strings.Contains(text, "://")):
		return c.bad("%q is a URL, and a program works in a folder of its own computer. Name one in the workspace, such as \"tools\", or give the whole path from /.", text)
	case wrongURL(text) != "":
		return c.bad("%s", wrongURL(text))
	case wrongFolder(text) != "":
		return c.bad("%s", wrongFolder(text))
	case strings.Contains(text, "://"):
		return c.landingURL(text)
	}
	clean := path.Clean(text)
	if slices.Contains(strings.Split(clean, "/"), "..") {
		return c.bad("%q leads out of the workspace. Name a folder in it, or give the whole path from /.", text)
	}
	return clean
}

// landingURL takes the URL of a place that files can be written to.
func (c conversion) landingURL(text string) any {
	_, err := graph.ParseStorage(text)
	if err == nil || c.schema.Name != "landing" {
		return text
	}
	if u, parsing := url.Parse(text); parsing == nil && u.User != nil {
		if _, secret := u.User.Password(); secret || u.Scheme != "sftp" {
			return c.bad("A landing's URL holds no credentials. They are found where the store's own tools look: in the environment, a profile, or what the machine is given.")
		}
	}
	return c.bad("%s.", upperFirst(err.Error()))
}

// code takes the code of a diagnostic that a group may accept.
func (c conversion) code(text string) any {
	e, ok := diag.Explain(diag.Code(text))
	switch {
	case !ok:
		c.scope.report.add(diag.UnknownAccept, c.at, "accept of a code that does not exist", "There is no code %s.%s", text, didYouMean(text, "", acceptable()))
		return nil
	case e.Severity == diag.Error:
		c.scope.report.add(diag.AcceptError, c.at, "accept of an error", "%s (%s) is an error. Errors cannot be accepted; put it right.", text, lowerFirst(e.Title))
		return nil
	}
	return text
}

// acceptable lists the codes that a group may accept.
func acceptable() []string {
	var codes []string
	for _, e := range diag.Entries() {
		if e.Severity != diag.Error {
			codes = append(codes, string(e.Code))
		}
	}
	return codes
}
