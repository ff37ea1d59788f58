package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/waybill-dev/waybill/lang/graph"
)

// graphCache keeps parsed graphs by digest: a runtime asks for the same few
// again and again.
type graphCache struct {
	mu       sync.Mutex
	byDigest map[string]*graph.Graph
}

const maxGraphs = 16

func (c *graphCache) get(digest string) *graph.Graph {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.byDigest[digest]
}

func (c *graphCache) put(digest string, g *graph.Graph) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.byDigest) >= maxGraphs {
		clear(c.byDigest)
	}
	c.byDigest[digest] = g
}

const selectDeployment = "SELECT serial, digest, applied_at, applied_by, tool, tzdata, zones FROM deployments"

func scanDeployment(r row) (d graph.Deployment, err error) {
	var zones json.RawMessage
	err = r(&d.Serial, &d.Digest, (*instant)(&d.AppliedAt), &d.AppliedBy, &d.Tool, &d.TZData, (*document)(&zones))
	if err == nil && zones != nil {
		err = json.Unmarshal(zones, &d.Zones)
	}
	return d, err
}

// Deployment returns a deployment with its graph: the newest for serial 0.
// Where nothing was deployed yet that is one with serial 0 and an empty graph.
// An unknown serial is ErrNotFound.
func (tx *Tx) Deployment(serial int64) (graph.Deployment, error) {
	d, found, err := tx.deployment(serial)
	switch {
	case err != nil:
		return graph.Deployment{}, err
	case !found && serial == 0:
		return graph.Deployment{Store: tx.store.id, Graph: &graph.Graph{FormatVersion: graph.FormatVersion}}, nil
	case !found:
		return graph.Deployment{}, fmt.Errorf("store: deployment %d: %w", serial, ErrNotFound)
	}
	d.Graph, err = tx.Graph(d.Digest)
	var newer *NewerGraphError
	if errors.As(err, &newer) {
		newer.Tool = d.Tool
	}
	return d, err
}

// deployment is Deployment without the graph.
func (tx *Tx) deployment(serial int64) (d graph.Deployment, found bool, err error) {
	if serial == 0 {
		d, found, err = one(tx, "read the deployment", scanDeployment, selectDeployment+" ORDER BY serial DESC LIMIT 1")
	} else {
		d, found, err = one(tx, "read the deployment", scanDeployment, selectDeployment+" WHERE serial = ?", serial)
	}
	d.Store = tx.store.id
	return d, found, err
}

// Applied returns the serial and the digest of the newest deployment, 0 and "" where
// there is none.
func (tx *Tx) Applied() (serial int64, digest string, err error) {
	_, _, err = one(tx, "read what is applied", func(r row) (struct{}, error) {
		return struct{}{}, r(&serial, &digest)
	}, "SELECT serial, digest FROM deployments ORDER BY serial DESC LIMIT 1")
	return serial, digest, err
}

// Deployments returns the newest deployments first, without their graphs; 0 is
// no limit.
func (tx *Tx) Deployments(limit int) ([]graph.Deployment, error) {
	all, err := list(tx, "list the deployments", scanDeployment, selectDeployment+" ORDER BY serial DESC LIMIT +?", limited(limit))
	for i := range all {
		all[i].Store = tx.store.id
	}
	return all, err
}

// Serial returns the serial of the newest deployment, 0 for none.
func (tx *Tx) Serial() (int64, error) {
	serial, _, err := one(tx, "read the serial", scalar[int64], "SELECT serial FROM deployments ORDER BY serial DESC LIMIT 1")
	return serial, err
}

// Graph returns a deployed graph by its digest; ErrNotFound for an unknown
// one. The Graph is shared and must not be changed.
func (tx *Tx) Graph(digest string) (*graph.Graph, error) {
	if g := tx.store.graphs.get(digest); g != nil {
		return g, nil
	}
	text, found, err := one(tx, "read the graph", scalar[string], "SELECT graph FROM graphs WHERE digest = ?", digest)
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, fmt.Errorf("store: graph %s: %w", digest, ErrNotFound)
	}
	var format struct {
		Version int `json:"format_version"`
	}
	if err := json.Unmarshal([]byte(text), &format); err != nil {
		return nil, tx.fail("decode the graph "+digest, err)
	}
	if format.Version > graph.FormatVersion { // its values may have types that this release does not know
		return nil, &NewerGraphError{Found: format.Version, Known: graph.FormatVersion}
	}
	g := new(graph.Graph)
	if err := json.Unmarshal([]byte(text), g); err != nil {
		return nil, tx.fail("decode the graph "+digest, err)
	}
	tx.store.graphs.put(digest, g)
	return g, nil
}

// Deploy makes d, whose Serial is the one it was planned from, the newest
// deployment and returns it with the next serial, its digest and the store's
// identity. It fails with a *graph.StaleError where that serial is not the
// newest. d needs AppliedAt and Graph.
func (tx *Tx) Deploy(d graph.Deployment) (graph.Deployment, error) {
	if d.Graph == nil || d.AppliedAt.IsZero() {
		return graph.Deployment{}, fmt.Errorf("store: deploy: the deployment has no graph or no time")
	}
	current, _, err := tx.deployment(0)
	if err != nil {
		return graph.Deployment{}, err
	}
	if current.Serial != d.Serial {
		return graph.Deployment{}, &graph.StaleError{Base: d.Serial, Current: current}
	}
	zones, err := json.Marshal(d.Zones)
	if err != nil {
		return graph.Deployment{}, fmt.Errorf("store: encode the zones: %w", err)
	}
	d.Store, d.Serial, d.Digest, d.AppliedAt = tx.store.id, d.Serial+1, "", d.AppliedAt.UTC()
	if d.Digest, err = tx.putGraph(d.Graph); err != nil {
		return graph.Deployment{}, err
	}
	_, err = tx.exec("write the deployment",
		"INSERT INTO deployments (serial, digest, applied_at, applied_by, tool, tzdata, zones) VALUES (?, ?, ?, ?, ?, ?, ?)",
		d.Serial, d.Digest, instant(d.AppliedAt), d.AppliedBy, d.Tool, d.TZData, document(zones))
	if err != nil {
		return graph.Deployment{}, err
	}
	for i := range d.Graph.Groups {
		_, err := tx.exec("write the group", "INSERT INTO groups (grp, first_deployed) VALUES (?, ?) ON CONFLICT DO NOTHING",
			d.Graph.Groups[i].Addr, instant(d.AppliedAt))
		if err != nil {
			return graph.Deployment{}, err
		}
	}
	return d, nil
}

// FirstDeployed returns when a group was deployed for the first time; false
// for one that never was.
func (tx *Tx) FirstDeployed(group graph.Addr) (time.Time, bool, error) {
	return one(tx, "read the group", scanTime, "SELECT first_deployed FROM groups WHERE grp = ?", group)
}

func scanTime(r row) (t time.Time, err error) {
	err = r((*instant)(&t))
	return t, err
}
