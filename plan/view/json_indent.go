package view

// indented appends JSON to b as json.Indent does, each line but the first behind
// the prefix. It takes for granted that the text is JSON without white space
// between its tokens: to check that is most of what json.Indent does, and plans
// are large.
func indented(b, text []byte, prefix string) []byte {
	depth := 0
	line := func() {
		b = append(append(b, '\n'), prefix...)
		for range depth {
			b = append(b, "  "...)
		}
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := i + stringLength(text[i:])
			b = append(b, text[i:end]...)
			i = end - 1
		case '{', '[':
			b = append(b, c)
			if depth++; text[i+1] != c+2 { // "}" and "]" are two behind
				line()
			}
		case '}', ']':
			if depth--; text[i-1] != c-2 {
				line()
			}
			b = append(b, c)
		case ',':
			b = append(b, c)
			line()
		case ':':
			b = append(b, ": "...)
		default:
			b = append(b, c)
		}
	}
	return b
}

// stringLength is how many bytes the JSON string has that text begins with.
func stringLength(text []byte) int {
	for i := 1; ; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
}
