package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A saved plan is shown with the very text that it was made with.
func TestShowSavedPlan(t *testing.T) {
	t.Parallel()
	for name, at := range exampleTimes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "next.plan")
			code, made, problems := waybill(t, "plan", filepath.Join("..", "..", "examples", name), "--offline", "--at", at, "--out", file)
			if code != exitOK {
				t.Fatalf("exit code %d\n%s", code, problems)
			}
			code, shown, problems := waybill(t, "show", file)
			if code != exitOK {
				t.Fatalf("exit code %d\n%s", code, problems)
			}
			made, _, _ = strings.Cut(made, "\nSaved ")
			shown, _, _ = strings.Cut(shown, "\nSaved ")
			if diff := cmp.Diff(made, shown); diff != "" || made == "" {
				t.Errorf("(-made +shown):\n%s", diff)
			}
		})
	}
}
