package bucket

import (
	"context"
	"sync"

	"golang.org/x/sync/semaphore"
)

// room is the memory for what the writes of a bucket hold of their files, however
// many go on at once. A piece that is larger than all of it has the room for itself.
type room struct {
	usual int // how large most pieces are: those are used again
	all   int64
	left  *semaphore.Weighted

	mu   sync.Mutex
	free [][]byte
}

// newRoom is one for so many pieces at once.
func newRoom(pieces, usual int) *room {
	all := int64(pieces) * int64(usual)
	return &room{usual: usual, all: all, left: semaphore.NewWeighted(all)}
}

// roomParts is how many parts of files a bucket holds: two for each of the files
// that a courier copies at once, so that one is read while another is sent.
const roomParts = 8

// take waits for a piece of memory, or until ctx ends, which is its only error. Nobody
// takes one while holding another: all could wait for each other.
func (m *room) take(ctx context.Context, size int) ([]byte, error) {
	if err := m.left.Acquire(ctx, min(int64(size), m.all)); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := len(m.free) - 1; size == m.usual && last >= 0 {
		piece := m.free[last]
		m.free = m.free[:last]
		return piece, nil
	}
	m.free = nil // it would be beside the new one
	return make([]byte, size), nil
}

// give gives a piece back, all of it, however much of it is meant. It is used again
// unless the request that it was sent with has failed: that may still read it.
func (m *room) give(piece []byte, failed error) {
	piece = piece[:cap(piece)]
	m.mu.Lock()
	if len(piece) == m.usual && failed == nil {
		m.free = append(m.free, piece)
	}
	m.mu.Unlock()
	m.left.Release(min(int64(len(piece)), m.all))
}
