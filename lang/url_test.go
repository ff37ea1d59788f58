package lang_test

import (
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
