package bucket

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

// azRetries is how often a request is made again, after a pause that grows to
// azPause at most.
const (
	azRetries = 3
	azPause   = 5 * time.Second
)

// azContainer is a container of Azure Blob Storage, or what is in it below a
// prefix.
type azContainer struct {
	at      graph.Storage
	client  *container.Client
	http    *http.Client
	server  string // https://…, the account's
	account string // its name, where that is known
	prefix  string // of the names: "" or ending in /
	part    int    // of an upload
	room    *room
	hidden  value.Redactor
}

var _ Store = (*azContainer)(nil)

func openAzblob(_ context.Context, at graph.Storage, a Access) (Store, error) {
	return newAzblob(at, a, stallTime, time.Second)
}

// newAzblob makes a client and asks nobody yet.
func newAzblob(at graph.Storage, a Access, stall, pause time.Duration) (*azContainer, error) {
	op := "open " + at.String()
	c := &azContainer{at: at, part: partSize, room: newRoom(roomParts, partSize), http: &http.Client{Transport: transport(stall)}}
	if at.Path != "" {
		c.prefix = at.Path + "/"
	}
	if err := c.locate(a); err != nil {
		return nil, value.Misconfigured.Wrap(op, err)
	}
	options := &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Transport: c.http,
		Retry:     policy.RetryOptions{MaxRetries: azRetries, RetryDelay: pause, MaxRetryDelay: max(pause, azPause)},
		Telemetry: policy.TelemetryOptions{ApplicationID: "waybill"},
	}}
	url := c.server + "/" + at.Host
	var err error
	switch secret := secretOf(a); {
	case isSAS(secret):
		c.hidden.Add("secret_key", signatureOf(secret)) // which a server or a proxy may tell on without the rest
		c.client, err = container.NewClientWithNoCredential(url+"?"+strings.TrimPrefix(secret, "?"), options)
	case secret != "":
		key, failed := container.NewSharedKeyCredential(c.account, secret)
		if failed != nil {
			return nil, value.Misconfigured.Errorf(op, "secret_key is neither the key of an account, which is base64, nor a shared access signature, which has sig= in it")
		}
		c.client, err = container.NewClientWithSharedKeyCredential(url, key, options)
	case strings.HasPrefix(c.server, "http://"):
		return nil, value.Misconfigured.Errorf(op, "the endpoint is http://, over which no identity is shown; set access_key and secret_key, or write https://")
	default:
		var who azcore.TokenCredential
		if who, err = azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options.ClientOptions}); err == nil {
			c.client, err = container.NewClient(url, who, options)
		}
	}
	if err != nil {
		return nil, value.Misconfigured.Errorf(op, "the settings of the machine for Azure cannot be used: %w", err)
	}
	return c, nil
}

// locate finds out which account the container is in.
func (c *azContainer) locate(a Access) error {
	account := c.at.Options["account"]
	switch {
	case account == "":
		account = a.AccessKey
	case a.AccessKey != "" && a.AccessKey != account:
		return errors.New("the URL says account=" + account + " and access_key says " + a.AccessKey + "; access_key is the name of the account")
	}
	endpoint := strings.TrimSuffix(c.at.Options["endpoint"], "/")
	if account == "" && endpoint == "" {
		account = os.Getenv("AZURE_STORAGE_ACCOUNT")
	}
	if c.account, c.server = account, endpoint; endpoint != "" {
		return nil
	}
	if account == "" {
		return errors.New("no account is named; write azblob://CONTAINER/FOLDER?account=NAME")
	}
	c.server = "https://" + account + ".blob.core.windows.net"
	return nil
}

// secretOf is the key or signature to use: that of the filedrop, else of the
// environment, by the names that Azure's own tools use.
func secretOf(a Access) string {
	switch {
	case a.SecretKey != "":
		return strings.TrimSpace(a.SecretKey)
	case os.Getenv("AZURE_STORAGE_KEY") != "":
		return os.Getenv("AZURE_STORAGE_KEY")
	}
	return os.Getenv("AZURE_STORAGE_SAS_TOKEN")
}

// isSAS reports whether a secret is a shared access signature.
func isSAS(secret string) bool { return strings.Contains(secret, "sig=") }

// signatureOf is the part of a shared access signature that is secret.
func signatureOf(secret string) string {
	query, _ := url.ParseQuery(strings.TrimPrefix(secret, "?"))
	return query.Get("sig")
}

// URL names the container, with its account and endpoint where they are stated.
func (c *azContainer) URL() string { return c.at.String() }

// Close lets go of the connections that nobody uses.
func (c *azContainer) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

func (c *azContainer) blob(name string) *blob.Client { return c.client.NewBlobClient(c.prefix + name) }

func (c *azContainer) block(name string) *blockblob.Client {
	return c.client.NewBlockBlobClient(c.prefix + name)
}

// seekable is bytes that can be sent again.
type seekable struct{ *bytes.Reader }

func (seekable) Close() error { return nil }
