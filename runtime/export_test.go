package runtime

// Lists is how often a source was listed for the looks of couriers.
func (r *Runtime) Lists() int64 { return r.listings.made.Load() }
