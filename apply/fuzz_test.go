package apply_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"

	"github.com/waybill-dev/waybill/apply"
)

// Whatever the file holds, Decode gives a plan that is the same after another trip
// through a file, or says what is wrong.
func FuzzDecode(f *testing.F) {
	whole := encode(f, example("0 14 * * *"))
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte(`{"format":"waybill-plan","format_version":2}`))
	f.Fuzz(func(t *testing.T, data []byte) { decodeTwice(t, data) })
}

// The same behind a digest that is right.
func FuzzPayload(f *testing.F) {
	payload, err := json.Marshal(example("0 14 * * *"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(payload)
	f.Add([]byte(`{"format_version":"1.0","graph":null}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		sum := sha256.Sum256(payload)
		data := append([]byte(`{"format":"waybill-plan","format_version":1,"tool":"","sha256":"`+hex.EncodeToString(sum[:])+`","plan":`), payload...)
		decodeTwice(t, append(data, '}'))
	})
}

func decodeTwice(t *testing.T, data []byte) {
	p, err := apply.Decode(data)
	if err != nil {
		var fault *apply.FileError
		if !errors.As(err, &fault) || fault.Cure() == "" {
			t.Fatalf("%v is a %T", err, err)
		}
		return
	}
	apply.Check(p)
	first := encode(t, p)
	again, err := apply.Decode(first)
	if err != nil {
		t.Fatalf("a plan that was read cannot be written and read: %v", err)
	}
	if second := encode(t, again); !bytes.Equal(first, second) {
		t.Fatalf("%s\nbecame\n%s", first, second)
	}
}
