package landing

// SetFault has f called before each change of the disk, with its kind (mkdir,
// create, write, sync, rename, link, remove) and the name it is about. An error of f is that
// of the disk.
func (l *Lander) SetFault(f func(op, name string) error) { l.place.(*disk).hook = f }
