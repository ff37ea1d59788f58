package server

// Routes are the method, path and name of everything that can be asked.
func Routes() (all [][3]string) {
	for _, r := range routes {
		all = append(all, [3]string{r.method, r.path, r.name})
	}
	return all
}

// Document is the OpenAPI document as it is served.
func Document() []byte { return document }
