package bucket

import "errors"

// ServerPath is where a store is on its server.
func ServerPath(s Store) (string, error) {
	if f, ok := s.(*sftpStore); ok {
		return f.root, nil
	}
	return "", errors.New("not of a server")
}
