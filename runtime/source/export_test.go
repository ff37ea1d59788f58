package source

import "io"

// Extract takes the records at a path, and the values at some others, out of a
// JSON text.
func Extract(in io.Reader, out io.Writer, records string, keep ...string) (map[string]string, error) {
	tree, err := newTree(records, "", keep...)
	if err != nil {
		return nil, err
	}
	var e extractor
	err = e.extract(in, out, tree)
	values := map[string]string{}
	for path, v := range e.values {
		values[path] = v.literal
	}
	return values, err
}

// ExtractLast takes the records at a path out of a JSON text, and the value at
// another in the last of them, "" where it has none.
func ExtractLast(in io.Reader, out io.Writer, records, each string) (string, error) {
	tree, err := newTree(records, each)
	if err != nil {
		return "", err
	}
	var e extractor
	err = e.extract(in, out, tree)
	return e.last[each].literal, err
}
