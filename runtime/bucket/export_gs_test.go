package bucket

import (
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// OpenGS opens a bucket whose connections may stand still for so long, which waits
// so long between attempts, and whose parts have so many bytes.
func OpenGS(a Access, stall, pause time.Duration, part int) (Store, error) {
	at, err := graph.ParseStorage(a.URL)
	if err != nil {
		return nil, err
	}
	b, err := newGS(at, a, stall)
	if err == nil {
		b.part, b.room, b.pause = part, newRoom(roomParts/2, 2*part), pause
	}
	return b, err
}
