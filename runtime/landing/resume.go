package landing

import (
	"io/fs"
	"path"
	"strings"
	"time"
)

// resumeKept is how long the folder of a run that has not landed is left alone.
const resumeKept = 30 * 24 * time.Hour

// ResumeDir returns the absolute path of a folder of this machine that is kept,
// with what is in it, between the attempts at a job, for a source that can go on
// where it was interrupted. The first call makes it. [Lander.EndResume] removes it.
func (l *Lander) ResumeDir(j Job) (string, error) {
	op := "make a folder for the attempts at " + j.Courier + " of " + j.Run
	d, err := l.scratch.open()
	if err != nil {
		return "", diskFault(op, err)
	}
	l.sweepResumes(d, time.Now().Add(-resumeKept))
	dir := l.resumeDir(j)
	if err := d.makeStaging(dir); err != nil {
		return "", diskFault(op, err)
	}
	return d.path(dir), nil
}

// EndResume removes the folder that ResumeDir has made, if there is one. What
// cannot be removed is removed later, when nothing has happened in it for long.
func (l *Lander) EndResume(j Job) { _ = l.scratch.discard(l.resumeDir(j)) }

// resumePrefix begins the names of these folders, which no courier's staging does.
const resumePrefix = "%_resume-"

func (l *Lander) resumeDir(j Job) string {
	return path.Join(l.scratch.prefix, Escape(j.Run), resumePrefix+Escape(j.Courier))
}

// sweepResumes removes the folders and journals in which nothing has happened since a
// time: nobody has tried those runs again. What cannot be removed is in nobody's way.
func (l *Lander) sweepResumes(d *disk, since time.Time) {
	names, _ := fs.Glob(d.root.FS(), path.Join(l.scratch.prefix, "*", "*"))
	for _, name := range names {
		if base := path.Base(name); !strings.HasPrefix(base, resumePrefix) && !strings.HasPrefix(base, journalPrefix) {
			continue
		}
		if info, err := d.root.Stat(name); err == nil && info.ModTime().Before(since) {
			_ = d.discard(name)
		}
	}
}
