package bucket

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

const (
	// s3Attempts is how often a request is made in all; between them the client
	// waits, at most s3Backoff.
	s3Attempts = 3
	s3Backoff  = 5 * time.Second

	// s3Conflicts is how often a write is made again that another one of the same
	// object is in the way of, after pauses that begin with s3Pause and double.
	s3Conflicts = 4
	s3Pause     = 250 * time.Millisecond

	// s3Region is where a bucket is looked for of which nobody says where it is.
	s3Region = "us-east-1"

	// s3Idle is how many connections a bucket keeps for the next request, and
	// s3IdleTime for how long.
	s3Idle     = 16
	s3IdleTime = 10 * time.Second
)

// s3Bucket is a bucket of Amazon S3 or of a server that speaks like it, or what is
// in it below a prefix.
type s3Bucket struct {
	client *s3.Client
	at     graph.Storage
	prefix string // of the keys: "" or ending in /
	own    bool   // a server that is not Amazon's
	part   int64  // of an upload
	room   *room
	pause  time.Duration

	transport *http.Transport
	leftOut   atomic.Int64
}

var _ Store = (*s3Bucket)(nil)

func openS3(ctx context.Context, at graph.Storage, a Access) (Store, error) {
	return newS3(ctx, at, a, stallTime)
}

// newS3 makes a client and asks nobody yet.
func newS3(ctx context.Context, at graph.Storage, a Access, stall time.Duration) (*s3Bucket, error) {
	op := "open " + at.String()
	if (a.AccessKey == "") != (a.SecretKey == "") {
		return nil, value.Misconfigured.Errorf(op, "access_key and secret_key belong together, and one of them is empty")
	}
	b := &s3Bucket{at: at, own: at.Options["endpoint"] != "", part: partSize, room: newRoom(roomParts, partSize), pause: s3Pause}
	if at.Path != "" {
		b.prefix = at.Path + "/"
	}
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { tune(t, stall) })),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = s3Attempts, s3Backoff })
		}),
		config.WithAppID("waybill"),
	}
	if region := at.Options["region"]; region != "" {
		options = append(options, config.WithRegion(region))
	}
	if profile := at.Options["profile"]; profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	if a.AccessKey != "" {
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(a.AccessKey, a.SecretKey, "")))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, value.Misconfigured.Errorf(op, "the settings of the machine for S3 cannot be used: %w", err)
	}
	if cfg.Region == "" {
		cfg.Region = s3Region
	}
	if c, ok := cfg.HTTPClient.(*awshttp.BuildableClient); ok { // it makes a transport that nobody else can close
		b.transport = c.GetTransport()
		cfg.HTTPClient = &http.Client{Transport: b.transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	}
	if a.Role != "" {
		role := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), a.Role, func(o *stscreds.AssumeRoleOptions) { o.RoleSessionName = "waybill" })
		cfg.Credentials = aws.NewCredentialsCache(role)
	}
	b.client = s3.NewFromConfig(cfg, b.reach)
	return b, nil
}

// tune sets up the connections of the client, and of those that ask for
// credentials, which keep theirs for a moment only.
func tune(t *http.Transport, stall time.Duration) {
	t.DialContext = stalling(stall)
	t.TLSHandshakeTimeout = dialTime
	t.IdleConnTimeout = s3IdleTime
	t.MaxIdleConnsPerHost = s3Idle
	t.DisableCompression = true // a file is what it is
}

// reach says how the server is spoken to. Servers other than Amazon's are sent the
// checksums that every server knows, and asked for none.
func (b *s3Bucket) reach(o *s3.Options) {
	o.UsePathStyle = b.at.Options["path_style"] == "true"
	o.DisableLogOutputChecksumValidationSkipped = true
	if endpoint := b.at.Options["endpoint"]; endpoint != "" {
		o.BaseEndpoint = aws.String(strings.TrimSuffix(endpoint, "/"))
	}
	b.own = o.BaseEndpoint != nil // the environment may name one
	if b.own {
		o.RequestChecksumCalculation = aws.RequestChecksumCalculationWhenRequired
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	}
}

// URL names the bucket, with its endpoint where that is not Amazon's.
func (b *s3Bucket) URL() string { return b.at.String() }

// Close lets go of the connections that nobody uses.
func (b *s3Bucket) Close() error {
	if b.transport != nil {
		b.transport.CloseIdleConnections()
	}
	return nil
}

// key is that of a path.
func (b *s3Bucket) key(name string) *string { return aws.String(b.prefix + name) }
