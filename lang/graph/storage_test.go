package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
)

func TestParseStorage(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]struct {
		storage graph.Storage
		is      string
	}{
		"data/in/":             {graph.Storage{Path: "data/in"}, "data/in"},
		"./data//in":           {graph.Storage{Path: "data/in"}, "data/in"},
		"what?x=1":             {graph.Storage{Path: "what?x=1"}, "what?x=1"},
		"file:///data/in/":     {graph.Storage{Scheme: "file", Path: "/data/in"}, "/data/in"},
		"file:///with%20one":   {graph.Storage{Scheme: "file", Path: "/with one"}, "/with one"},
		"s3://acme":            {graph.Storage{Scheme: "s3", Host: "acme"}, "s3://acme"},
		"S3://acme/a/b/":       {graph.Storage{Scheme: "s3", Host: "acme", Path: "a/b"}, "s3://acme/a/b"},
		"s3://acme/a b/%2B%3F": {graph.Storage{Scheme: "s3", Host: "acme", Path: "a b/+?"}, "s3://acme/a%20b/+%3F"},
		"s3://acme/a?region=eu-central-1&path_style=true&profile=x&endpoint=http://localhost:9000/": {
			graph.Storage{Scheme: "s3", Host: "acme", Path: "a", Options: map[string]string{
				"region": "eu-central-1", "path_style": "true", "profile": "x", "endpoint": "http://localhost:9000/",
			}}, "s3://acme/a?endpoint=http://localhost:9000",
		},
		"gs://acme/a?endpoint=http://localhost:1": {
			graph.Storage{Scheme: "gs", Host: "acme", Path: "a", Options: map[string]string{"endpoint": "http://localhost:1"}}, "gs://acme/a?endpoint=http://localhost:1",
		},
		"azblob://box/a?account=acme": {graph.Storage{Scheme: "azblob", Host: "box", Path: "a", Options: map[string]string{"account": "acme"}}, "azblob://box/a?account=acme"},
		"sftp://ann@Files.example:22/in/": {
			graph.Storage{Scheme: "sftp", User: "ann", Host: "files.example:22", Path: "/in"}, "sftp://ann@files.example:22/in",
		},
		"sftp://files.example": {graph.Storage{Scheme: "sftp", Host: "files.example", Path: "/"}, "sftp://files.example/"},
	} {
		if want.storage.Options == nil && strings.Contains(url, "://") {
			want.storage.Options = map[string]string{}
		}
		got, err := graph.ParseStorage(url)
		if diff := cmp.Diff(want.storage, got); diff != "" || err != nil {
			t.Errorf("%s: %v %s", url, err, diff)
		}
		if got.String() != want.is {
			t.Errorf("%s is %s", url, got)
		}
	}
}

func TestParseStorageRefuses(t *testing.T) {
	t.Parallel()
	for url, says := range map[string]string{
		"":                                 "is empty",
		"ftp://x/y":                        "cannot be in ftp://",
		"s3://":                            "write s3://bucket/folder",
		"s3:///key":                        "write s3://bucket/folder",
		"s3://a/b?regoin=x":                `no parameter "regoin" (did you mean region?); it takes region, endpoint, path_style, profile`,
		"s3://a/b?acl=x":                   `no parameter "acl"; it takes region, endpoint, path_style, profile`,
		"s3://a/b?region=x&region=y":       "there twice",
		"s3://a/b?region=":                 "is empty",
		"s3://a/b?path_style=yes":          "write true or false",
		"s3://a/b?endpoint=localhost:9000": "such as http://localhost:9000",
		"s3://a/b?endpoint=http://u:p@x/":  "without user",
		"s3://a/b?%zz":                     "list of name=value",
		"s3://key:hidden@a/b":              "has no user",
		"s3://a:9000/b":                    "?endpoint=",
		"s3://a/b#c":                       "%23",
		"gs://a/b?region=x":                "it takes endpoint",
		"azblob://a/b?path_style=true":     "it takes account, endpoint",
		"sftp://ann:hidden@host/in":        "password = secret.NAME",
		"sftp://host/in?x=1":               "has no parameters",
		"sftp://host:99999/in":             "there is no port 99999",
		"file:///in?x=1":                   "has no parameters",
		"file://host/in":                   "three slashes",
		"file://%zz":                       "file:///absolute/folder",
		"s3://a/%zz":                       "not a URL",
	} {
		_, err := graph.ParseStorage(url)
		if err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: error %v", url, err)
		}
	}
}
