package runtime_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime"
	"github.com/waybill-dev/waybill/runtime/store"
)

// A step is told where its files are, also those that landed before a deploy
// moved the landing.
func TestWhatLandedElsewhereIsHandedOver(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "a")
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.drop("ok.sh", "#!/bin/sh\nexit 0\n")
		w.deploy(orders(func(g *graph.Graph) { g.Landing = "first" }))
		w.mustRun(runtime.RunArgs{Date: "1999-12-30"})
		w.deploy(orders(withProcess("./ok.sh"), func(g *graph.Graph) { g.Landing = "second" }))
		d := w.mustRun(runtime.RunArgs{Date: "1999-12-31"})
		lists, err := filepath.Glob(filepath.Join(w.dir, "second", "daily", "_runs", "*", "*.json"))
		if err != nil || len(lists) != 1 {
			t.Fatalf("%v %v", lists, err)
		}
		text, err := os.ReadFile(lists[0])
		if err != nil {
			t.Fatal(err)
		}
		var list struct {
			Files []struct{ Landing, URL string }
		}
		if err := json.Unmarshal(text, &list); err != nil {
			t.Fatal(err)
		}
		w.same("files", 2, len(list.Files))
		for _, f := range list.Files {
			if _, err := os.Stat(filepath.Join(w.dir, f.Landing, f.URL)); err != nil {
				t.Errorf("a file of %s: %v", d.Run.Key, err)
			}
		}
	})
}

// The store and the manifest know a source by the name of the secret that holds
// its URL.
func TestASecretURLIsNotRecorded(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("hidden-place/orders-1999-12-31.csv", "b")
		w.drop("where.txt", "hidden-place")
		w.deploy(orders(func(g *graph.Graph) {
			g.Secrets = []graph.Secret{{Name: "where", File: "where.txt"}}
			g.Couriers[0].Filedrop.URL = graph.Value{{Ref: "secret.where"}}
		}))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("state", store.Succeeded, d.Run.State)
		w.same("source", "${secret.where}", d.Landings[0].Source)
		manifest, err := os.ReadFile(filepath.Join(w.dir, filepath.FromSlash(strings.TrimSuffix(d.Landings[0].URL, "/orders/orders-1999-12-31.csv")), "manifest.json"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(manifest), "hidden-place") {
			t.Errorf("the manifest holds the secret:\n%s", manifest)
		}
		w.same("landed once", "landed 0 files, 0 B", w.mustRun(runtime.RunArgs{Date: shipped}).Tasks[0].Message)
	})
}

// A server that repeats a secret in a header does not get it into the store.
func TestASecretInAnAnswerIsNotStored(t *testing.T) {
	inRealTime(t, func(w *world) {
		asked := make(chan struct{}, 1)
		server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
			if in.Method == http.MethodGet {
				select {
				case asked <- struct{}{}:
				default:
				}
			}
			out.Header().Set("X-Repeated", in.Header.Get("Authorization"))
			_ = json.NewEncoder(out).Encode(map[string]any{"state": "RUNNING"})
		}))
		defer server.Close()
		w.drop("token.txt", "hidden-token")
		w.deploy(orders(func(g *graph.Graph) {
			b := (&jobServer{Server: server}).step("bridge.lake")
			b.HTTP.BearerToken = graph.Value{{Ref: "secret.token"}}
			g.Secrets = []graph.Secret{{Name: "token", File: "token.txt"}}
			g.Bridges, g.Groups[0].Bridges, g.Groups[0].Members = []graph.Step{b}, []graph.Addr{b.Addr}, nil
		}))
		stop := w.serve()
		if _, err := w.runtime.Send(w.ctx, store.Command{Verb: store.VerbRun, Group: daily, Args: []byte(`{"date":"1999-12-31"}`), Token: "one"}); err != nil {
			t.Fatal(err)
		}
		<-asked
		stop()
		for _, name := range []string{"waybill.db", "waybill.db-wal"} {
			text, err := os.ReadFile(filepath.Join(w.dir, ".waybill", name))
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "hidden-token") {
				t.Errorf("%s holds the secret", name)
			}
		}
	})
}

func TestAnAdHocRunSaysThatItDoesNotWait(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-31.csv", "b")
		w.deploy(orders(func(g *graph.Graph) {
			lake := g.Groups[0]
			lake.Addr = "courier_group.lake"
			g.Groups[0].After = []graph.After{{Name: "lake", Group: lake.Addr, Wait: hours(2), OnMissing: graph.OnMissingStop, Gate: graph.GateStart}}
			g.Groups = append(g.Groups, lake)
		}))
		d := w.mustRun(runtime.RunArgs{Date: shipped})
		w.same("tasks", []string{"orders landed"}, tasks(d))
		w.same("started", "attempt 1 of a full run; it does not wait for courier_group.lake, since somebody asked for it", d.Events[1].Message)
	})
}
