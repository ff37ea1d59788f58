package process_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/waybill-dev/waybill/runtime/process"
)

const childPipe = "WAYBILL_TEST_PROCESS_PIPE" // makes the test binary run a program that holds this pipe

func TestMain(m *testing.M) {
	if path := os.Getenv(childPipe); path != "" {
		_, _ = process.Run(context.Background(), process.Command{Argv: []string{"sh", "-c", `exec 3>"$1"; exec sleep 600`, "sh", path}})
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestAProgramDiesWithItsParent(t *testing.T) {
	t.Parallel()
	path := pipe(t)
	opened, gone := holder(t, path)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childPipe+"="+path)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-opened
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := <-gone; err != nil {
		t.Error(err)
	}
}
