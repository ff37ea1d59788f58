package client

// Bound sets how much is read of an answer.
func (c *Client) Bound(bytes int64) { c.largest = bytes }
