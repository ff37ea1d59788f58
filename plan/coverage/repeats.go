package coverage

import "github.com/waybill-dev/waybill/lang/cron"

// repeats finds the hours that the clock shows twice and whose one file is taken
// before the second time is over: what is written into it then is read by no run.
// A run that takes the file of every hour before the hour is over is no news.
func (c *course) repeats(result *Dates, f *filePattern) {
	for _, d := range c.dateChanges {
		if d.after > d.before {
			continue
		}
		lo, hi := d.at+d.after, d.at+d.before // of wall time, shown twice
		for w := floor(lo, hour) * hour; w < hi; w += hour {
			stamp := instant(c.dates, cron.Wall(w))
			if stamp < c.begin || stamp >= c.end || !f.expects(cron.Wall(w)) {
				continue
			}
			over := w + hour - d.after
			run, ok := c.reader(stamp)
			if at := run.Instant.Unix(); !ok || at >= over || at < stamp+hour {
				continue
			}
			if result.Repeated++; result.Repeated == 1 {
				result.RepeatedFirst = &Repeated{Run: run.Instant, Date: f.text(cron.Wall(w)), Over: unix(over)}
			}
		}
	}
}
