package bucket

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// OpenAzblob opens a container whose connections may stand still for so long, which
// waits so long between attempts, and whose blocks have so many bytes.
func OpenAzblob(a Access, stall, pause time.Duration, part int) (Store, error) {
	at, err := graph.ParseStorage(a.URL)
	if err != nil {
		return nil, err
	}
	c, err := newAzblob(at, a, stall, pause)
	if err == nil {
		c.part, c.room = part, newRoom(roomParts, part)
	}
	return c, err
}
