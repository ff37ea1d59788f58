package lang

import (
	"cmp"
	"fmt"
	"strings"
)

// notSaid is the detail of what a sensitive value takes part in.
const notSaid = "More is not said, because the value of a sensitive variable takes part."

// reworded says in the words of these documents what was found when an expression was
// worked out. What is not known here stays as it was found, with the words for
// types replaced.
func reworded(summary, detail string) (string, string) {
	if detail == notSaid {
		said, _ := reworded(summary, "")
		return said, notSaid
	}
	_, reason, _ := strings.Cut(strings.TrimSuffix(detail, "."), ": ")
	reason = plainTypes(reason)
	quoted := ""
	if parts := strings.SplitN(detail, `"`, 3); len(parts) == 3 {
		quoted = parts[1]
	}
	switch summary {
	case "Invalid template interpolation value":
		return "Not a text", plainTemplate(reason)
	case "Invalid operand":
		return "Wrong type in a computation", asSentence(reason, "the value has the wrong type") +
			" Numbers go with + - * / % < > <= and >=, true or false with && || and !. Text is joined in a template: \"${a}-${b}\"."
	case "Operation failed":
		return "Computation that fails", asSentence(reason, "it has no result")
	case "Duplicate object key":
		return "Key used twice", fmt.Sprintf("Two elements get the key %q. Make the keys different, or collect the elements of a key in a list: write ... behind the value.", quoted)
	case "Invalid object key", "Null value as key", "Incorrect key type":
		return "Wrong key", "A key is a text, and not null."
	case "Not enough function arguments", "Too many function arguments":
		return plainCount(summary, detail, quoted)
	case "Invalid function argument":
		return "Wrong value for a function", fmt.Sprintf("The value for %s does not fit: %s.", quoted, cmp.Or(reason, "it is null"))
	case "Error in function call":
		if strings.HasSuffix(reason, "EOF") {
			reason = "the text ends in the middle of a value"
		}
		return "Function that fails", fmt.Sprintf("%s cannot be worked out: %s.", quoted, cmp.Or(reason, "it has no result"))
	case "Inconsistent conditional result types":
		return "Results of two types", "Both results of CONDITION ? A : B have one type: two texts, two numbers, two lists of the same, or two objects with the same attributes."
	case "Incorrect condition type", "Null condition", "Condition is null", "Invalid 'for' condition":
		return "Condition that is not true or false", "A condition is true or false. Compare with == != < or >, or test with contains(LIST, VALUE)."
	case "Iteration over null value", "Iteration over non-iterable value":
		return "for over no collection", "for goes over a list, a set, a map or an object, and this is none. Write [] or {} for nothing."
	case "Splat of null value":
		return "Null before [*]", "The value is null. Write [] for a list without elements."
	case "Invalid expanding argument value":
		return "Wrong value before ...", "Only a list or a set can be spread by ... over the values of a function."
	}
	if said, ok := syntaxWords[summary]; ok { // of a template
		return said.summary, said.detail
	}
	return strings.TrimSuffix(summary, "."), plainTypes(strings.ReplaceAll(detail, "argument named", "attribute named"))
}

// plainTemplate says why a value cannot be put into a text.
func plainTemplate(reason string) string {
	switch {
	case reason == "":
		return "The value is null, which has no text. Give it another value, such as by coalesce(VALUE, \"\")."
	case strings.HasSuffix(reason, "a list"):
		return "Text, numbers, true and false can stand in ${…}, not a list. Write join(\", \", LIST), or jsonencode(LIST)."
	}
	return "Text, numbers, true and false can stand in ${…}, and this is none. Name one part of it, such as VALUE.name, or write jsonencode(VALUE)."
}

// plainCount says how many values a function takes.
func plainCount(summary, detail, function string) (string, string) {
	if strings.HasPrefix(summary, "Too many") {
		return "Too many values for a function", fmt.Sprintf("%s takes fewer values than it is given here. Remove what is too much.", function)
	}
	missing := ""
	if parts := strings.Split(detail, `"`); len(parts) >= 5 {
		missing = fmt.Sprintf(" The one that is missing is called %s.", parts[3])
	}
	return "Too few values for a function", fmt.Sprintf("%s needs more values than it is given here.%s", function, missing)
}

// plainTypes replaces the names of types by those that people use.
func plainTypes(s string) string {
	return strings.NewReplacer(
		"string required, but have tuple", "text is needed, not a list", "string required, but have list", "text is needed, not a list",
		"string required, but have set", "text is needed, not a list", "string required, but have object", "text is needed, not an object",
		"string required, but have map", "text is needed, not an object", "string required", "text is needed",
		"a number is required", "a number is needed", "number required", "a number is needed", "a bool is required", "true or false is needed",
		"bool required", "true or false is needed", "a primitive-typed value (string)", "a text", "a primitive-typed value (number)", "a number",
		"a primitive-typed value (bool)", "true or false", "argument must not be null", "it is null",
	).Replace(s)
}

// asSentence is a reason as a sentence, or the other one where there is none.
func asSentence(reason, otherwise string) string {
	reason = cmp.Or(reason, otherwise)
	return strings.ToUpper(reason[:1]) + reason[1:] + "."
}
