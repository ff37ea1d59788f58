package runtime_test

import (
	"testing"

	"github.com/waybill-dev/waybill/runtime"
)

func TestAdHocRunLandsTheFilesOfADay(t *testing.T) {
	inWorld(t, func(w *world) {
		w.drop("drop/orders-1999-12-30.csv", "old")
		w.drop("drop/orders-1999-12-31.csv", "new")
		w.deploy(orders())
		d := w.mustRun(runtime.RunArgs{Date: "1999-12-31"})
		w.same("state", "succeeded", d.Run.State)
		w.same("tasks", []string{"orders landed"}, tasks(d))
		w.same("files landed", 1, len(w.landed()))
	})
}
