package lang

import (
	"regexp"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// bare is a word without quotes.
var bare = regexp.MustCompile(`^[\pL_$][\pL\pN_.$\-]*`)

// propertyName reads the name of a property, whatever its quotes.
func (s *jsonScanner) propertyName() (jsonString, bool) {
	if c := s.peek(); c == '"' || c == '\'' {
		lost := s.lost
		name := s.text()
		return name, s.lost == lost
	}
	if word := bare.Find(s.src[s.pos.Byte:]); word != nil {
		end := s.after(len(word))
		s.add(s.pos, end, "Name without quotes", "In JSON a name stands in quotes: \"%s\".", word)
		name := jsonString{text: string(word), rng: s.span(s.pos, end)}
		s.pos = end
		return name, true
	}
	s.add(s.pos, s.one(), "Not a name", "A name in quotes is needed here: \"name\": value.")
	s.stop()
	return jsonString{}, false
}

// one is the position behind the next character.
func (s *jsonScanner) one() hcl.Pos {
	_, n := utf8.DecodeRune(s.src[s.pos.Byte:])
	return s.after(n)
}

var (
	jsonNumberForm = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
	numberLike     = regexp.MustCompile(`^[+\-.]?[0-9][0-9A-Za-z_.]*([+\-][0-9]+)?|^[+\-]`)
)

// word reads a number, or one of the words that JSON has.
func (s *jsonScanner) word(n *jsonNode) {
	rest := s.src[s.pos.Byte:]
	if number := numberLike.Find(rest); number != nil {
		end := s.after(len(number))
		n.kind, n.text = jsonNumber, jsonString{text: string(number)}
		if !jsonNumberForm.Match(number) {
			s.add(s.pos, end, "Not a number", "A number is written with digits, such as 3, -1 or 0.5. What is no number stands in quotes.")
			s.lost++
			n.kind = jsonUnread
		}
		s.pos = end
		return
	}
	word := bare.Find(rest)
	if word == nil {
		s.add(s.pos, s.one(), "Missing value", "A value is needed here: text in quotes, a number, true, false, null, a list [ … ] or an object { … }.")
		if c := s.peek(); c == ',' || c == '}' || c == ']' {
			s.lost++
			return
		}
		s.stop()
		return
	}
	end := s.after(len(word))
	switch string(word) {
	case "null":
		n.kind = jsonNull
	case "true":
		n.kind = jsonTrue
	case "false":
		n.kind = jsonFalse
	default:
		s.lost++
		s.add(s.pos, end, "Value without quotes", "%s", barely(string(word)))
	}
	s.pos = end
}

// barely says what to write instead of a word without quotes. It does not repeat
// the word, which may be a secret in a file of variables.
func barely(word string) string {
	switch word {
	case "True", "False", "TRUE", "FALSE":
		return "JSON writes true and false in small letters."
	case "None", "nil", "undefined", "NULL", "Null":
		return "JSON writes null for what is not there."
	}
	return "In JSON text stands in quotes: \"…\". A reference stands in quotes, too: \"${…}\"."
}
