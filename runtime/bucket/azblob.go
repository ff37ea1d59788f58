package bucket

import (
	"context"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

func openAzblob(_ context.Context, at graph.Storage, _ Access) (Store, error) {
	return nil, value.Misconfigured.Errorf("open "+at.String(), "this release of Waybill cannot reach azblob://")
}
