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
