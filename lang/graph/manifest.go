package graph

// Manifest is a producer's list of its files, which says of each what it must
// be.
type Manifest struct {
	Path  string       `json:"path"` // relative to the source's URL, with slashes
	Files []ListedFile `json:"files,omitempty"`
	Error string       `json:"error,omitempty"` // why it cannot be read; it may be half written
}

// ListedFile is what a manifest says of one file. What it does not say is zero.
type ListedFile struct {
	Path   string `json:"path,omitempty"` // as written; empty: the file that the manifest is named after
	Size   *int64 `json:"size,omitempty"`
	SHA256 string `json:"sha256,omitempty"` // hex, small letters
	MD5    string `json:"md5,omitempty"`
	Rows   *int64 `json:"rows,omitempty"`
}
