package lang

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// oneSlash is a URL that lacks a slash, or both. A drive's letter is no scheme.
var oneSlash = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+):/([^/].*)?$|^(file|s3|gs|azblob|sftp):([^/].*)$`)

// wrongURL says what is wrong with a text that is to name a folder or be a URL,
// and what to write instead; "" where it can be either.
func wrongURL(text string) string {
	if m := oneSlash.FindStringSubmatch(text); m != nil {
		scheme, rest := m[1]+m[3], m[2]+m[4]
		if scheme == "file" {
			return fmt.Sprintf("%q is neither a folder nor a URL. Write \"file:///%s\", with three slashes, or the folder alone.", text, rest)
		}
		return fmt.Sprintf("%q is neither a folder nor a URL. Write \"%s://%s\", with two slashes.", text, scheme, rest)
	}
	if !strings.Contains(text, "://") {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil {
		return fmt.Sprintf("%q is not a URL.", text)
	}
	if u.Scheme != "file" {
		return ""
	}
	folder := strings.TrimPrefix(text[len("file:"):], "//")
	switch {
	case u.Host != "" && u.Host != "localhost":
		return fmt.Sprintf("%q names the computer %s, and a file URL can name none. Write \"file:///%s\" for a folder of this computer, or %q for one in the workspace.",
			text, u.Host, folder, folder)
	case u.Path == "":
		return fmt.Sprintf("%q names no folder. Write \"file:///\" and the whole path of one.", text)
	}
	return ""
}

// What people write in the place of a folder that means something elsewhere.
var (
	homeFolder    = regexp.MustCompile(`^~[^/]*(/|$)`)
	shellVariable = regexp.MustCompile(`(?:^|/)(\$[A-Za-z_]\w*|%[A-Za-z_]\w*%)`)
	dateToken     = regexp.MustCompile(`\{(?:yyyy|MM|dd|HH)\}`)
)

// wrongFolder says what is wrong with a text that names a folder, or one behind a
// URL, of which a part would be taken as it stands and is meant for a shell, for a
// pattern or for another system; "" where there is none.
func wrongFolder(text string) string {
	switch {
	case strings.TrimSpace(text) != text:
		return fmt.Sprintf("%q begins or ends with a space. Write %q.", text, strings.TrimSpace(text))
	case homeFolder.MatchString(text):
		return fmt.Sprintf("The ~ in %q is one of shells, and means nothing here. Write the whole path, from /, or a folder in the workspace.", text)
	case shellVariable.MatchString(text):
		found := shellVariable.FindStringSubmatch(text)[1]
		return fmt.Sprintf("%s is a variable of a shell, and would be taken as it stands. Write the whole path, or use a variable of the workspace: \"${var.NAME}/…\".", found)
	case strings.Contains(text, `\`):
		return fmt.Sprintf("Folders are divided by / on every system. Write %q.", strings.ReplaceAll(text, `\`, "/"))
	case strings.Contains(text, "*"):
		return fmt.Sprintf("%q names a folder, and * means nothing in it. Name the folder alone; what is to be read in it stands in the pattern of a file, such as pattern = \"*.csv\".", text)
	case dateToken.MatchString(text):
		return fmt.Sprintf("%s in %q would be taken as it stands. A date stands in the pattern of a file, which may name folders, too: pattern = \"{yyyy}/{MM}/orders.csv\".", dateToken.FindString(text), text)
	}
	return ""
}
