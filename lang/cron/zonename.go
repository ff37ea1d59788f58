package cron

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ZoneError is why a zone name was refused.
type ZoneError struct {
	// Code is WB501 (unknown), WB502 (abbreviation), WB506 (letter case) or WB507 (reserved).
	Code string
	// Name is the name as given.
	Name string
	// Message says what is wrong, Suggestion is a name to write instead, or empty.
	Message, Suggestion string
}

func (e *ZoneError) Error() string {
	if e.Suggestion == "" {
		return e.Message
	}
	return fmt.Sprintf("%s: write %s", e.Message, e.Suggestion)
}

// abbreviations are not zones: some load as one, but as a fixed offset.
var abbreviations = map[string]string{
	"EST": "America/New_York", "EDT": "America/New_York", "ET": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "CT": "America/Chicago",
	"MST": "America/Denver", "MDT": "America/Denver", "MT": "America/Denver",
	"PST": "America/Los_Angeles", "PDT": "America/Los_Angeles", "PT": "America/Los_Angeles",
	"AKST": "America/Anchorage", "AKDT": "America/Anchorage", "HST": "Pacific/Honolulu",
	"BST": "Europe/London", "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon",
	"CET": "Europe/Paris", "CEST": "Europe/Paris", "MET": "Europe/Paris", "MEST": "Europe/Paris",
	"EET": "Europe/Athens", "EEST": "Europe/Athens", "MSK": "Europe/Moscow",
	"IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "KST": "Asia/Seoul", "HKT": "Asia/Hong_Kong",
	"SGT": "Asia/Singapore", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
	"NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland", "Z": "UTC",
}

// regions are the words by which calendars label zones.
var regions = []struct{ word, zone string }{
	{"pacific time", "America/Los_Angeles"},
	{"mountain time - phoenix", "America/Phoenix"},
	{"mountain standard time - phoenix", "America/Phoenix"},
	{"mountain time", "America/Denver"},
	{"arizona", "America/Phoenix"},
	{"central time", "America/Chicago"},
	{"eastern time", "America/New_York"},
	{"alaska", "America/Anchorage"},
	{"hawaii", "Pacific/Honolulu"},
	{"central european", "Europe/Paris"},
	{"greenwich mean", "Europe/London"},
	{"india standard", "Asia/Kolkata"},
}

// reserved names mean the machine's zone, or nothing.
var reserved = []string{"", "Local", "localtime", "posixrules", "Factory"}

// refused reports whether a name is no zone of ours even if the database has it.
func refused(name string) bool {
	_, short := abbreviations[name]
	return short || slices.Contains(reserved, name)
}

// checkName is nil for a name that LoadZone accepts.
func checkName(name string) *ZoneError {
	folded := func(candidate string) bool { return strings.EqualFold(candidate, name) }
	if slices.ContainsFunc(reserved, folded) {
		return &ZoneError{"WB507", name, fmt.Sprintf("%q is not a zone: it means something else on every machine", name), ""}
	}
	if suggestion, ok := abbreviations[strings.ToUpper(name)]; ok {
		return &ZoneError{"WB502", name, name + " is an abbreviation, not a zone with rules", suggestion}
	}
	known := zoneinfo().names
	if slices.Contains(known, name) {
		return nil
	}
	if i := slices.IndexFunc(known, folded); i >= 0 {
		return &ZoneError{"WB506", name, name + " differs from a zone's name in letter case", known[i]}
	}
	e := &ZoneError{"WB501", name, fmt.Sprintf("%q is not an IANA time zone name", name), suggest(name, known)}
	if strings.HasPrefix(e.Suggestion, "Etc/GMT") {
		e.Message += "; the zones that are a fixed offset have the sign the other way round"
	}
	return e
}

// suggest is the zone a label, an offset or a misspelling most likely means.
func suggest(name string, known []string) string {
	if zone := cityZone(label.ReplaceAllString(name, ""), known); zone != "" {
		return zone
	}
	lower := strings.ToLower(name)
	for _, r := range regions {
		if strings.Contains(lower, r.word) {
			return r.zone
		}
	}
	if zone := suggestOffset(name); zone != "" && slices.Contains(known, zone) {
		return zone
	}
	return nearest(name, known)
}

var offsetName = regexp.MustCompile(`^\(?(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?\)?`)

// suggestOffset is the fixed zone of a name such as UTC+2; the signs of the Etc
// zones are reversed. Offsets with minutes have none.
func suggestOffset(name string) string {
	m := offsetName.FindStringSubmatch(strings.ToUpper(name))
	if m == nil || m[3] != "" && m[3] != "00" {
		return ""
	}
	hours, _ := strconv.Atoi(m[2])
	if hours == 0 {
		return "UTC"
	}
	sign := "-"
	if m[1] == "-" {
		sign = "+"
	}
	return "Etc/GMT" + sign + strconv.Itoa(hours)
}

// label is the part of a calendar's label, such as "(GMT+01:00) Rome", before the city.
var label = regexp.MustCompile(`^\(.*\)\s*(?:.* - )?`)

// cityZone is the zone whose last part is the city, such as New York. GMT+8 is not
// one: the signs of the Etc zones are reversed.
func cityZone(city string, known []string) string {
	suffix := "/" + strings.ToLower(strings.ReplaceAll(strings.TrimSpace(city), " ", "_"))
	for _, name := range known {
		if len(suffix) > 1 && !strings.HasPrefix(name, "Etc/") && strings.HasSuffix(strings.ToLower(name), suffix) {
			return name
		}
	}
	return ""
}

// nearest is the known name that differs least, if it differs little.
func nearest(name string, known []string) string {
	wanted := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(name), " ", "_"))
	best, limit := "", 1+len(wanted)/4
	for _, candidate := range known {
		if d := distance(wanted, strings.ToLower(candidate)); d < limit {
			best, limit = candidate, d
		}
	}
	return best
}

// distance is the number of single-byte edits between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
