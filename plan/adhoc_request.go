package plan

import (
	"net/url"
	"strings"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// requestText is what a courier without files asks for: the method and the URL of
// an interface, or a query. The range is filled in; what else is known in a run
// only stands as it is written, secrets above all.
func (p *puller) requestText(c *graph.Courier, pull *AdHocPull) string {
	switch {
	case c.RestAPI != nil:
		return c.RestAPI.Method + " " + p.fill(c.RestAPI.URL, pull)
	case c.Warehouse != nil:
		return c.Warehouse.Query.String()
	}
	return ""
}

// fill writes the ends of a courier's range into a URL.
func (p *puller) fill(v graph.Value, pull *AdHocPull) string {
	var b strings.Builder
	for _, part := range v {
		at := time.Time{}
		switch part.Ref {
		case "range.start":
			at = pull.Range.Start
		case "range.end":
			at = pull.Range.End
		}
		if at.IsZero() || part.Format != "" {
			b.WriteString(graph.Value{part}.String())
			continue
		}
		b.WriteString(url.QueryEscape(at.In(p.cal.RangeZone().Location()).Format(time.RFC3339)))
	}
	return b.String()
}
