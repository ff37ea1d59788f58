package value_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/runtime/value"
)

const canary = "Cañary <&>\"\\/+?=%\tx7"

func TestRedactorKnowsEverySpelling(t *testing.T) {
	t.Parallel()
	var r value.Redactor
	r.Add("c", canary)
	marshalled, _ := json.Marshal(canary)
	for name, text := range map[string]string{
		"plain":         canary,
		"query":         url.QueryEscape(canary),
		"path":          url.PathEscape(canary),
		"lower hex":     lowerHex(url.QueryEscape(canary)),
		"json":          string(marshalled),
		"go":            strconv.Quote(canary),
		"go, ascii":     strconv.QuoteToASCII(canary),
		"base64":        base64.StdEncoding.EncodeToString([]byte(canary)),
		"base64 raw":    base64.RawStdEncoding.EncodeToString([]byte(canary)),
		"base64 url":    base64.URLEncoding.EncodeToString([]byte(canary)),
		"basic auth, 1": base64.StdEncoding.EncodeToString([]byte("u:" + canary)),
		"basic auth, 2": base64.StdEncoding.EncodeToString([]byte("us:" + canary)),
		"basic auth, 3": base64.StdEncoding.EncodeToString([]byte("user:" + canary)),
		"base64 inside": base64.URLEncoding.EncodeToString([]byte("before " + canary + " and after")),
	} {
		got := strings.NewReplacer(`"`, "", "=", "").Replace(r.String("<" + text + ">"))
		if strings.HasPrefix(name, "base64 inside") || strings.HasPrefix(name, "basic auth") {
			// At the edges, characters of base64 that are half the neighbour's stay.
			_, after, found := strings.Cut(got, "(secret c)")
			if own := len(text) - len(canary)*4/3 + 4; !found || len(got)-len("(secret c)") > own || name != "base64 inside" && len(after) > 2 {
				t.Errorf("%s: %q gives %q", name, text, got)
			}
		} else if got != "<(secret c)>" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func lowerHex(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' {
			b.WriteString(strings.ToLower(s[i : i+3]))
			i += 2
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func TestRedactor(t *testing.T) {
	t.Parallel()
	var r value.Redactor
	if got := r.String("nothing is known"); got != "nothing is known" {
		t.Errorf("%q", got)
	}
	r.Add("short", "abcdefgh")
	r.Add("long", "abcdefgh-and-more")
	r.Add("again", "abcdefgh")
	r.Add("key", "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n")
	r.Add("empty", "")
	for in, want := range map[string]string{
		"":                               "",
		"abcdefg":                        "abcdefg",
		"xabcdefghx":                     "x(secret short)x",
		"abcdefgh-and-more":              "(secret long)",
		"abcdefgh-and-mor":               "(secret short)-and-mor",
		"abcdefghabcdefgh-and-more":      "(secret short)(secret long)",
		"line MIIEvQIBADANBg of the key": "line (secret key) of the key",
		"-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n": "(secret key)",
	} {
		if got := r.String(in); got != want {
			t.Errorf("%q gives %q, want %q", in, got, want)
		}
	}
	var none *value.Redactor
	none.Add("x", "y")
	if got := none.String("y"); got != "y" {
		t.Errorf("%q", got)
	}
}

func TestRedactedErrorsKeepTheirChain(t *testing.T) {
	t.Parallel()
	var r value.Redactor
	r.Add("c", canary)
	err := r.Error(value.Misconfigured.Errorf("call "+canary, "%q: %w", canary, fs.ErrNotExist))
	if got := err.Error(); got != `call (secret c): "(secret c)": file does not exist` {
		t.Errorf("%s", got)
	}
	if !errors.Is(err, fs.ErrNotExist) || value.FaultOf(err) != value.Misconfigured {
		t.Error("the chain is lost")
	}
	if got := fmt.Sprintf("%v %+v %s", err, err, fmt.Errorf("x: %w", err)); strings.Contains(got, canary) {
		t.Errorf("%s", got)
	}
	if r.Error(nil) != nil || r.Error(fs.ErrExist) != fs.ErrExist {
		t.Error("errors without secrets are changed")
	}
}

func FuzzRedactorWriter(f *testing.F) {
	f.Add("hunter2", "hunter2-longer", "xx hunter2 hunter2-longe hunter2-longer", uint8(3))
	f.Add("aab", "aaab", "aaaaabaaab", uint8(1))
	f.Add("a\nb", "b", "a\na\nb\n", uint8(2))
	f.Fuzz(func(t *testing.T, a, b, text string, size uint8) {
		var r value.Redactor
		r.Add("a", a)
		r.Add("b", b)
		want := r.String(text)
		var out bytes.Buffer
		w := r.Writer(&out)
		for rest := []byte(text); len(rest) > 0; {
			n := min(len(rest), int(size)+1)
			if _, err := w.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if out.String() != want {
			t.Errorf("in pieces %q, at once %q", out.String(), want)
		}
	})
}
