package graph

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/waybill-dev/waybill/lang/diag"
)

// Storage is a place of files as its URL names it: a folder of this machine, an
// object store, an SFTP server.
type Storage struct {
	Scheme  string            // "" for a folder, else file, s3, gs, azblob or sftp
	User    string            // of sftp
	Host    string            // the bucket, the container, or the server with its port
	Path    string            // the folder, cleaned; in a bucket the prefix of its keys, without / at its ends; at a server the absolute folder
	Options map[string]string // what stands behind the ?, checked
}

// storageKind is what the URLs of a scheme may say.
type storageKind struct {
	options     []string
	credentials []string // attributes of a filedrop
	host        string   // what stands behind the //
	example     string
	atomic      bool // an upload is there whole, or not at all
	remote      bool
}

var storageKinds = map[string]storageKind{
	"":       {example: "data/in"},
	"file":   {example: "file:///absolute/folder"},
	"s3":     {options: []string{"region", "endpoint", "path_style", "profile"}, credentials: []string{"access_key", "secret_key", "role"}, host: "bucket", example: "s3://bucket/folder", atomic: true, remote: true},
	"gs":     {options: []string{"endpoint"}, credentials: []string{"private_key"}, host: "bucket", example: "gs://bucket/folder", atomic: true, remote: true},
	"azblob": {options: []string{"account", "endpoint"}, credentials: []string{"access_key", "secret_key"}, host: "container", example: "azblob://container/folder?account=NAME", atomic: true, remote: true},
	"sftp":   {credentials: []string{"username", "password", "private_key", "host_key"}, host: "server", example: "sftp://user@host/absolute/folder", remote: true},
}

// StorageSchemes are the schemes of places of files, in the order of documents.
var StorageSchemes = []string{"file", "s3", "gs", "azblob", "sftp"}

// StorageScheme returns the scheme of a URL in small letters, "" for a folder.
func StorageScheme(v string) string {
	scheme, _, isURL := strings.Cut(v, "://")
	if !isURL {
		return ""
	}
	return strings.ToLower(scheme)
}

// ParseStorage reads the URL of a place of files. The error says what is wrong and
// what to write instead, and never a password.
func ParseStorage(v string) (Storage, error) {
	scheme := StorageScheme(v)
	kind, known := storageKinds[scheme]
	switch {
	case strings.TrimSpace(v) == "":
		return Storage{}, errors.New("the URL is empty; write a folder, such as \"data/in\"")
	case !known:
		return Storage{}, fmt.Errorf("files cannot be in %s://; write a folder, or file://, s3://, gs://, azblob:// or sftp://", scheme)
	case scheme == "":
		return Storage{Path: path.Clean(v)}, nil
	}
	u, err := url.Parse(v)
	if err != nil {
		return Storage{}, fmt.Errorf("that is not a URL; write %s", kind.example)
	}
	if u.Fragment != "" || strings.HasSuffix(v, "#") {
		return Storage{}, errors.New("a # ends the path of a URL; write %23 for it")
	}
	s := Storage{Scheme: scheme, Host: u.Host, Path: u.Path}
	if s.Options, err = kind.parse(scheme, u.RawQuery); err != nil {
		return Storage{}, err
	}
	return s, s.check(kind, u)
}

// parse reads what stands behind the ? of a URL.
func (k storageKind) parse(scheme, query string) (map[string]string, error) {
	values, err := url.ParseQuery(query)
	if err != nil {
		return nil, errors.New("what stands behind the ? is no list of name=value, joined by &")
	}
	options := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text := values[name][0]
		switch {
		case !slices.Contains(k.options, name) && len(k.options) == 0:
			return nil, fmt.Errorf("a URL of %s:// has no parameters, and this one has %q; write %%3F for a ? in a path", scheme, name)
		case !slices.Contains(k.options, name):
			hint := ""
			if near := diag.Suggest(name, k.options); near != "" {
				hint = " (did you mean " + near + "?)"
			}
			return nil, fmt.Errorf("a URL of %s:// has no parameter %q%s; it takes %s", scheme, name, hint, strings.Join(k.options, ", "))
		case len(values[name]) > 1:
			return nil, fmt.Errorf("the parameter %s is there twice; write it once", name)
		case text == "":
			return nil, fmt.Errorf("the parameter %s is empty; give it a value, or leave it out", name)
		case name == "path_style" && text != "true" && text != "false":
			return nil, fmt.Errorf("the parameter path_style is %q; write true or false", text)
		case name == "endpoint" && !isEndpoint(text):
			return nil, errors.New("the parameter endpoint takes the address of a server with http:// or https:// before it, such as http://localhost:9000, without user and parameters")
		}
		options[name] = text
	}
	return options, nil
}

func isEndpoint(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// check completes a place whose parameters are read.
func (s *Storage) check(kind storageKind, u *url.URL) error {
	switch {
	case s.Scheme == "file":
		if u.User != nil || u.Host != "" && u.Host != "localhost" || u.Path == "" {
			return errors.New("a file URL has three slashes and an absolute folder: file:///absolute/folder")
		}
		s.Host, s.Path = "", path.Clean(u.Path)
		return nil
	case u.Host == "":
		return fmt.Errorf("the URL names no %s behind the //; write %s", kind.host, kind.example)
	case s.Scheme != "sftp" && u.User != nil:
		return fmt.Errorf("a URL of %s:// has no user; write %s, and the credentials as attributes of the filedrop", s.Scheme, kind.example)
	case s.Scheme != "sftp" && u.Port() != "":
		return fmt.Errorf("a URL of %s:// has no port; write %s, and the server as ?endpoint=", s.Scheme, kind.example)
	case s.Scheme != "sftp":
		s.Path = strings.Trim(u.Path, "/")
		return nil
	}
	if _, has := u.User.Password(); has {
		return errors.New("a password does not belong in a URL; write password = secret.NAME in the filedrop")
	}
	if port, err := strconv.Atoi(u.Port()); u.Port() != "" && (err != nil || port < 1 || port > 65535) {
		return fmt.Errorf("there is no port %s; ports go from 1 to 65535", u.Port())
	}
	s.Host, s.User, s.Path = strings.ToLower(u.Host), u.User.Username(), path.Clean("/"+u.Path)
	return nil
}

// Atomic reports whether a file that is written to the place is there whole or
// not at all, so that nobody need wait whether it still grows.
func (s Storage) Atomic() bool { return storageKinds[s.Scheme].atomic }

// Remote reports whether the place is on another machine than this one.
func (s Storage) Remote() bool { return storageKinds[s.Scheme].remote }

// Folders reports whether the place has folders: a file cannot have the name of one.
func (s Storage) Folders() bool { return !storageKinds[s.Scheme].atomic }

// Credentials are the attributes of a filedrop that say with what the place is
// reached.
func (s Storage) Credentials() []string { return storageKinds[s.Scheme].credentials }

// String identifies the place: what tells it from others, and neither
// credentials nor ways to reach it.
func (s Storage) String() string {
	switch s.Scheme {
	case "", "file":
		return s.Path
	}
	u := url.URL{Scheme: s.Scheme, Host: s.Host, Path: s.Path}
	if s.User != "" {
		u.User = url.User(s.User)
	}
	if u.Path != "" && u.Path[0] != '/' {
		u.Path = "/" + u.Path
	}
	query := url.Values{}
	for _, name := range []string{"account", "endpoint"} {
		if text := s.Options[name]; text != "" {
			query.Set(name, strings.TrimSuffix(text, "/"))
		}
	}
	u.RawQuery = strings.NewReplacer("%3A", ":", "%2F", "/").Replace(query.Encode()) // they need no escape here
	return u.String()
}
