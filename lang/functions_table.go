package lang

import (
	"slices"
	"strings"

	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
)

// Function is what an expression may call. All are pure: the same arguments, and
// the same files of the workspace, give the same result on every machine and at
// every time.
type Function struct {
	Name    string
	Group   string // what it is about: one of the headings of the documentation
	Doc     string // one line
	Example string // a call
	Result  string // and its value, as in HCL

	does function.Function // zero for those that read files, which belong to a workspace
}

// Functions lists the functions, by group and name.
func Functions() []Function { return functionTable }

// The groups of functions, in the order in which they are documented.
const (
	aboutNumbers     = "numbers"
	aboutText        = "text"
	aboutCollections = "collections"
	aboutEncoding    = "encoding"
	aboutHashes      = "hashes"
	aboutDates       = "dates"
	aboutTypes       = "types and errors"
	aboutFiles       = "files"
)

var functionTable = slices.Concat(numberFunctions, textFunctions, collectionFunctions, encodingFunctions,
	hashFunctions, dateFunctions, fileFunctions, typeFunctions)

var numberFunctions = []Function{
	{"abs", aboutNumbers, "The number without its sign.", `abs(-2)`, `2`, stdlib.AbsoluteFunc},
	{"ceil", aboutNumbers, "The next whole number, upwards.", `ceil(1.2)`, `2`, stdlib.CeilFunc},
	{"floor", aboutNumbers, "The next whole number, downwards.", `floor(1.8)`, `1`, stdlib.FloorFunc},
	{"max", aboutNumbers, "The largest of the numbers.", `max(1, 5, 3)`, `5`, stdlib.MaxFunc},
	{"min", aboutNumbers, "The smallest of the numbers.", `min(4, 2)`, `2`, stdlib.MinFunc},
	{"parseint", aboutNumbers, "The whole number that a text stands for, in a base from 2 to 62.", `parseint("ff", 16)`, `255`, stdlib.ParseIntFunc},
	{"pow", aboutNumbers, "A number to the power of another.", `pow(2, 10)`, `1024`, stdlib.PowFunc},
	{"signum", aboutNumbers, "-1, 0 or 1: the sign of a number.", `signum(-3)`, `-1`, stdlib.SignumFunc},
	{"sum", aboutNumbers, "The sum of the numbers in a list or a set; 0 for none.", `sum([1, 2, 3.5])`, `6.5`, sum},
}

var textFunctions = []Function{
	{"chomp", aboutText, "The text without the ends of lines at its end.", `chomp("a\n")`, `"a"`, stdlib.ChompFunc},
	{"endswith", aboutText, "Whether a text has the given end.", `endswith("orders", "rs")`, `true`, affix(strings.HasSuffix, "suffix")},
	{"format", aboutText, "A text with values put in: %s text, %d whole number, %f number, %q in quotes, %v anything.", `format("%03d-%s", 7, "x")`, `"007-x"`, stdlib.FormatFunc},
	{"formatlist", aboutText, "format for each element of lists.", `formatlist("%s.csv", ["a", "b"])`, `["a.csv", "b.csv"]`, stdlib.FormatListFunc},
	{"indent", aboutText, "The text with spaces before every line but the first.", `indent(2, "a\nb")`, `"a\n  b"`, stdlib.IndentFunc},
	{"join", aboutText, "The texts of a list, with a separator between them.", `join("-", ["a", "b"])`, `"a-b"`, stdlib.JoinFunc},
	{"lower", aboutText, "The text in small letters.", `lower("ÄB")`, `"äb"`, stdlib.LowerFunc},
	{"regex", aboutText, "What a pattern matches first; a list or an object of its groups where it has some.", `regex("[0-9]+", "ab12")`, `"12"`, stdlib.RegexFunc},
	{"regexall", aboutText, "All that a pattern matches.", `regexall("[a-z]", "a1b2")`, `["a", "b"]`, stdlib.RegexAllFunc},
	{"regexreplace", aboutText, "The text with what a pattern matches replaced; $1 is its first group.", `regexreplace("a1b2", "[0-9]", "#")`, `"a#b#"`, stdlib.RegexReplaceFunc},
	{"replace", aboutText, "The text with a part replaced, everywhere.", `replace("2026-01-02", "-", "/")`, `"2026/01/02"`, stdlib.ReplaceFunc},
	{"split", aboutText, "The parts of a text between separators.", `split(",", "a,b")`, `["a", "b"]`, stdlib.SplitFunc},
	{"startswith", aboutText, "Whether a text has the given beginning.", `startswith("orders", "or")`, `true`, affix(strings.HasPrefix, "prefix")},
	{"strcontains", aboutText, "Whether a text has a part.", `strcontains("orders", "der")`, `true`, affix(strings.Contains, "part")},
	{"strlen", aboutText, "The characters of a text.", `strlen("añb")`, `3`, stdlib.StrlenFunc},
	{"strrev", aboutText, "The text backwards.", `strrev("abc")`, `"cba"`, stdlib.ReverseFunc},
	{"substr", aboutText, "A part of a text: from a character, so many; -1 for all.", `substr("orders", 0, 2)`, `"or"`, stdlib.SubstrFunc},
	{"title", aboutText, "The text with a capital letter at the beginning of each word.", `title("daily orders")`, `"Daily Orders"`, stdlib.TitleFunc},
	{"trim", aboutText, "The text without the given characters at both ends.", `trim("--a-", "-")`, `"a"`, stdlib.TrimFunc},
	{"trimprefix", aboutText, "The text without a beginning.", `trimprefix("v1.2", "v")`, `"1.2"`, stdlib.TrimPrefixFunc},
	{"trimspace", aboutText, "The text without space at both ends.", `trimspace(" a ")`, `"a"`, stdlib.TrimSpaceFunc},
	{"trimsuffix", aboutText, "The text without an end.", `trimsuffix("a.csv", ".csv")`, `"a"`, stdlib.TrimSuffixFunc},
	{"upper", aboutText, "The text in capital letters.", `upper("ab")`, `"AB"`, stdlib.UpperFunc},
}

var collectionFunctions = []Function{
	{"alltrue", aboutCollections, "Whether every element is true; true for none.", `alltrue([true, false])`, `false`, truths(false)},
	{"anytrue", aboutCollections, "Whether one of the elements is true.", `anytrue([true, false])`, `true`, truths(true)},
	{"chunklist", aboutCollections, "The list in pieces of so many elements.", `chunklist(["a", "b", "c"], 2)`, `[["a", "b"], ["c"]]`, stdlib.ChunklistFunc},
	{"coalesce", aboutCollections, "The first argument that is neither null nor empty text.", `coalesce(null, "", "z")`, `"z"`, coalesce},
	{"coalescelist", aboutCollections, "The first list that is not empty.", `coalescelist([], ["a"])`, `["a"]`, stdlib.CoalesceListFunc},
	{"compact", aboutCollections, "The list without empty texts and null.", `compact(["a", "", "b"])`, `["a", "b"]`, stdlib.CompactFunc},
	{"concat", aboutCollections, "Several lists as one.", `concat(["a"], ["b"])`, `["a", "b"]`, stdlib.ConcatFunc},
	{"contains", aboutCollections, "Whether a list or a set holds a value.", `contains(["a"], "a")`, `true`, stdlib.ContainsFunc},
	{"distinct", aboutCollections, "The list with each element once.", `distinct(["a", "b", "a"])`, `["a", "b"]`, distinct},
	{"element", aboutCollections, "The element at a place, from 0; after the last comes the first again.", `element(["a", "b"], 3)`, `"b"`, stdlib.ElementFunc},
	{"flatten", aboutCollections, "The list with lists in it replaced by their elements.", `flatten([["a"], ["b", ["c"]]])`, `["a", "b", "c"]`, stdlib.FlattenFunc},
	{"index", aboutCollections, "The place of a value in a list, from 0.", `index(["a", "b"], "b")`, `1`, index},
	{"keys", aboutCollections, "The keys of a map, in order.", `keys({ b = 1, a = 2 })`, `["a", "b"]`, stdlib.KeysFunc},
	{"length", aboutCollections, "The number of elements of a collection, or of characters of a text.", `length(["a", "b"])`, `2`, length},
	{"lookup", aboutCollections, "What a map holds for a key, else a default.", `lookup({ a = "x" }, "b", "y")`, `"y"`, stdlib.LookupFunc},
	{"matchkeys", aboutCollections, "The values whose keys, in a list of the same length, are among some.", `matchkeys(["x", "y"], ["a", "b"], ["b"])`, `["y"]`, matchKeys},
	{"merge", aboutCollections, "Several maps as one; a later one goes before.", `merge({ a = 1, b = 1 }, { b = 2 })`, "{\n  a = 1\n  b = 2\n}", stdlib.MergeFunc},
	{"one", aboutCollections, "The only element of a list or a set, null for none.", `one(["a"])`, `"a"`, one},
	{"range", aboutCollections, "Numbers from 0 up to a limit, or from, to and in steps; at most 1,024.", `range(3)`, `[0, 1, 2]`, stdlib.RangeFunc},
	{"reverse", aboutCollections, "The list backwards.", `reverse(["a", "b"])`, `["b", "a"]`, stdlib.ReverseListFunc},
	{"setintersection", aboutCollections, "What all the sets hold.", `setintersection(["a", "b"], ["b"])`, `["b"]`, stdlib.SetIntersectionFunc},
	{"setproduct", aboutCollections, "All combinations of elements of the sets or lists.", `setproduct(["a", "b"], ["x"])`, `[["a", "x"], ["b", "x"]]`, stdlib.SetProductFunc},
	{"setsubtract", aboutCollections, "What the first set holds and the second does not.", `setsubtract(["a", "b"], ["b"])`, `["a"]`, stdlib.SetSubtractFunc},
	{"setunion", aboutCollections, "What one of the sets holds.", `setunion(["a"], ["b"])`, `["a", "b"]`, stdlib.SetUnionFunc},
	{"slice", aboutCollections, "A part of a list: from a place, up to another.", `slice(["a", "b", "c"], 0, 2)`, `["a", "b"]`, stdlib.SliceFunc},
	{"sort", aboutCollections, "The texts of a list in order.", `sort(["b", "a"])`, `["a", "b"]`, stdlib.SortFunc},
	{"transpose", aboutCollections, "A map of lists of texts the other way round: by text, the keys that hold it.", `transpose({ a = ["x", "y"], b = ["y"] })`, "{\n  x = [\"a\"]\n  y = [\"a\", \"b\"]\n}", transpose},
	{"values", aboutCollections, "What a map holds, in the order of its keys.", `values({ b = 1, a = 2 })`, `[2, 1]`, stdlib.ValuesFunc},
	{"zipmap", aboutCollections, "A map of a list of keys and a list of values.", `zipmap(["a", "b"], [1, 2])`, "{\n  a = 1\n  b = 2\n}", stdlib.ZipmapFunc},
}

var encodingFunctions = []Function{
	{"base64decode", aboutEncoding, "The text, in UTF-8, that standard base64 stands for.", `base64decode("aGk=")`, `"hi"`, base64Decode},
	{"base64encode", aboutEncoding, "The bytes of a text, in UTF-8, as standard base64.", `base64encode("hi")`, `"aGk="`, base64Encode},
	{"csvdecode", aboutEncoding, "The rows of CSV as objects; the first row holds the names.", `csvdecode("a,b\n1,2")`, "[\n  {\n    a = \"1\"\n    b = \"2\"\n  },\n]", stdlib.CSVDecodeFunc},
	{"jsondecode", aboutEncoding, "The value that JSON stands for.", `jsondecode("[1, \"x\"]")`, `[1, "x"]`, stdlib.JSONDecodeFunc},
	{"jsonencode", aboutEncoding, "A value as JSON.", `jsonencode({ a = [1, "x", null] })`, `"{\"a\":[1,\"x\",null]}"`, stdlib.JSONEncodeFunc},
	{"urldecode", aboutEncoding, "The text that was written for the query of a URL.", `urldecode("a+b%26c")`, `"a b&c"`, urlDecode},
	{"urlencode", aboutEncoding, "A text as it stands in the query of a URL.", `urlencode("a b&c")`, `"a+b%26c"`, urlEncode},
	{"yamldecode", aboutEncoding, "The value that YAML stands for, without anchors.", `yamldecode("a: [1, x]")`, "{\n  a = [1, \"x\"]\n}", yaml.YAMLDecodeFunc},
	{"yamlencode", aboutEncoding, "A value as YAML.", `yamlencode({ a = 1 })`, `"\"a\": 1\n"`, yaml.YAMLEncodeFunc},
}

var hashFunctions = []Function{
	{"md5", aboutHashes, "The MD5 sum of a text, in hexadecimal. It guards against accidents, not against attackers.", `md5("a")`, `"0cc175b9c0f1b6a831c399e269772661"`, md5Sum},
	{"sha1", aboutHashes, "The SHA-1 sum of a text, in hexadecimal. It guards against accidents, not against attackers.", `sha1("a")`, `"86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"`, sha1Sum},
	{"sha256", aboutHashes, "The SHA-256 sum of a text, in hexadecimal.", `substr(sha256("a"), 0, 16)`, `"ca978112ca1bbdca"`, sha256Sum},
	{"sha512", aboutHashes, "The SHA-512 sum of a text, in hexadecimal.", `substr(sha512("a"), 0, 16)`, `"1f40fc92da241694"`, sha512Sum},
	{"uuidv5", aboutHashes, "The UUID of a name within a namespace: dns, url, oid, x500 or a UUID.", `uuidv5("dns", "example.com")`, `"cfbff0d1-9375-5685-968c-48ce8b15ae17"`, uuidV5},
}

var dateFunctions = []Function{
	{"formatdate", aboutDates, "A time as a layout says: YYYY, MM, DD, hh, mm, ss, MMM, EEE, 'text'. It takes run-time values, too.", `formatdate("YYYY-MM-DD", "2026-11-21T13:00:00Z")`, `"2026-11-21"`, stdlib.FormatDateFunc},
	{"timeadd", aboutDates, "A time plus a duration of hours, minutes and seconds.", `timeadd("2026-11-21T13:00:00Z", "1h30m")`, `"2026-11-21T14:30:00Z"`, stdlib.TimeAddFunc},
	{"timecmp", aboutDates, "-1, 0 or 1: whether a time is before, at or after another.", `timecmp("2026-11-21T13:00:00Z", "2026-11-21T14:00:00+01:00")`, `0`, timeCompare},
}

var fileFunctions = []Function{
	{"file", aboutFiles, "The text of a file of the workspace.", `file("queries/daily.sql")`, `"select 1;\n"`, function.Function{}},
	{"fileset", aboutFiles, "The files of a folder whose paths in it match a pattern: *, **, ? and {a,b}.", `fileset("queries", "*.sql")`, `["daily.sql", "week.sql"]`, function.Function{}},
	{"templatefile", aboutFiles, "The text of a file, with ${name} and %{ } in it worked out with the given values.", `templatefile("mail.tpl", { name = "Ada" })`, `"Dear Ada!"`, function.Function{}},
}

var typeFunctions = []Function{
	{"can", aboutTypes, "Whether an expression has a value.", `can(tonumber("x"))`, `false`, tryfunc.CanFunc},
	{"tobool", aboutTypes, "A value as true or false.", `tobool("true")`, `true`, stdlib.MakeToFunc(cty.Bool)},
	{"tolist", aboutTypes, "A set or a list of mixed types as a list of one type.", `tolist(["a", 1])`, `["a", "1"]`, alike(stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)))},
	{"tomap", aboutTypes, "An object as a map of one type.", `tomap({ a = 1, b = "x" })`, "{\n  a = \"1\"\n  b = \"x\"\n}", stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType))},
	{"tonumber", aboutTypes, "A value as a number.", `tonumber("1.5")`, `1.5`, stdlib.MakeToFunc(cty.Number)},
	{"toset", aboutTypes, "A list as a set: in order, each element once.", `toset(["b", "a", "b"])`, `["a", "b"]`, alike(stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)))},
	{"tostring", aboutTypes, "A value as text.", `tostring(1.5)`, `"1.5"`, stdlib.MakeToFunc(cty.String)},
	{"try", aboutTypes, "The first of the expressions that has a value.", `try(jsondecode("{"), "none")`, `"none"`, tryfunc.TryFunc},
	{"type", aboutTypes, "The type of a value, as text.", `type(["a", 1])`, `"tuple([string,number])"`, typeOf},
}

// functions are the entries of the table by name, without those that read files.
var functions = byName()

func byName() map[string]function.Function {
	m := make(map[string]function.Function, len(functionTable))
	for _, f := range functionTable {
		if f.does != (function.Function{}) {
			m[f.Name] = f.does
		}
	}
	return m
}
