package lang_test

import (
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang"
)

func TestWrongURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"drop":               "",
		"/mnt/drop":          "",
		"a:b":                "",
		"C:/drop":            "",
		"drop/12:/30":        "",
		"file:///mnt/drop":   "",
		"file://localhost/x": "",
		"s3://acme/out":      "",
		"file://host/x":      `"file://host/x" names the computer host, and a file URL can name none. Write "file:///host/x" for a folder of this computer, or "host/x" for one in the workspace.`,
		"FILE://host":        `"FILE://host" names the computer host, and a file URL can name none. Write "file:///host" for a folder of this computer, or "host" for one in the workspace.`,
		"file://":            `"file://" names no folder. Write "file:///" and the whole path of one.`,
		"file:/x":            `"file:/x" is neither a folder nor a URL. Write "file:///x", with three slashes, or the folder alone.`,
		"s3:/acme/out":       `"s3:/acme/out" is neither a folder nor a URL. Write "s3://acme/out", with two slashes.`,
		"s3:acme":            `"s3:acme" is neither a folder nor a URL. Write "s3://acme", with two slashes.`,
		"sftp://a b/x":       `"sftp://a b/x" is not a URL.`,
	} {
		if got := lang.WrongURL(text); got != want {
			t.Errorf("%q: %q\nwant %q", text, got, want)
		}
	}
}

func TestWrongFolder(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"drop/orders":             "",
		"/mnt/drop~1/a$b":         "",
		"C:/drop":                 "",
		"s3://acme/in?region=x":   "",
		"50%/a":                   "",
		"inbox ":                  `"inbox " begins or ends with a space. Write "inbox".`,
		"~/inbox":                 `The ~ in "~/inbox" is one of shells`,
		"~ana":                    `The ~ in "~ana"`,
		"$HOME/inbox":             "$HOME is a variable of a shell",
		"s3://acme/$STAGE":        "$STAGE is a variable of a shell",
		"%USERPROFILE%/inbox":     "%USERPROFILE% is a variable of a shell",
		`C:\data\inbox`:           `Folders are divided by / on every system. Write "C:/data/inbox".`,
		`\\server\share`:          `Write "//server/share".`,
		"inbox/*.csv":             `* means nothing in it`,
		"s3://acme/{yyyy}/orders": `{yyyy} in "s3://acme/{yyyy}/orders" would be taken as it stands.`,
	} {
		if got := lang.WrongFolder(text); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%q: %q\nwant %q", text, got, want)
		}
	}
}
