package landing

import (
	"io/fs"
	"path"
	"strings"
	"time"
)

// resumeKept is how long the folder of a run that has not landed is left alone.
const resumeKept = 30 * 24 * time.Hour

// ResumeDir returns the absolute path of a folder that is kept, with what is in
// it, between the attempts at a job, for a source that can go on where it was
// interrupted. The first call makes it. [Lander.EndResume] removes it.
func (l *Lander) ResumeDir(j Job) (string, error) {
	l.sweepResumes(time.Now().Add(-resumeKept))
	dir := resumeDir(j)
	if err := l.makeStaging(dir); err != nil {
		return "", diskFault("make a folder for the attempts at "+j.Courier+" of "+j.Run, err)
	}
	return l.Path(dir), nil
}

// EndResume removes the folder that ResumeDir has made, if there is one. What
// cannot be removed is removed later, when nothing has happened in it for long.
func (l *Lander) EndResume(j Job) { _ = l.discard(resumeDir(j)) }

// resumePrefix begins the names of these folders. No courier's staging has such a
// name: Escape writes hex digits after %.
const resumePrefix = "%r"

func resumeDir(j Job) string {
	return path.Join(staging, Escape(j.Run), resumePrefix+Escape(j.Courier))
}

// sweepResumes removes the folders in which nothing has happened since a time:
// nobody has tried those runs again. What cannot be removed is in nobody's way.
func (l *Lander) sweepResumes(since time.Time) {
	_ = fs.WalkDir(l.root.FS(), staging, func(name string, e fs.DirEntry, err error) error {
		depth := strings.Count(name, "/")
		if err != nil || !e.IsDir() || depth < 2 {
			return nil
		}
		if info, err := e.Info(); err == nil && strings.HasPrefix(path.Base(name), resumePrefix) && info.ModTime().Before(since) {
			_ = l.discard(name)
		}
		return fs.SkipDir
	})
}
