package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/waybill-dev/waybill/lang/cron"
)

// firing is one element of the JSON document. Nominal is wall-clock time, so it
// has no offset.
type firing struct {
	Instant string      `json:"instant"`
	Local   string      `json:"local"`
	Nominal cron.Wall   `json:"nominal"`
	Reason  cron.Reason `json:"reason"`
}

// writeFirings writes {"firings":[…]}, one firing a line, as they are found.
func (p *program) writeFirings(zone *cron.Zone, firings iter.Seq[cron.Firing]) error {
	out := bufio.NewWriter(asIs(p.stdout))
	comma := ""
	fmt.Fprint(out, "{\n  \"firings\": [")
	for f := range firings {
		text, err := json.Marshal(firing{
			Instant: f.Instant.UTC().Format(time.RFC3339),
			Local:   f.Local(zone).Format(time.RFC3339),
			Nominal: f.Nominal,
			Reason:  f.Reason,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s\n    %s", comma, text)
		comma = ","
	}
	if comma != "" {
		fmt.Fprint(out, "\n  ")
	}
	fmt.Fprint(out, "]\n}\n")
	return out.Flush()
}
