package bucket

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/waybill-dev/waybill/runtime/value"
)

// fault says what an error of the server means.
func (b *s3Bucket) fault(ctx context.Context, op string, err error) error {
	var known *value.Error
	switch {
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case errors.As(err, &known):
		return err
	}
	status, code, says := answer(err)
	switch {
	case code == "NoSuchBucket":
		return value.Misconfigured.Errorf(op, "there is no bucket %s at %s", b.at.Host, b.server())
	case status == http.StatusNotFound && code != "NoSuchUpload":
		return value.Misconfigured.Errorf(op, "%s says %s; is that the address of a server that speaks S3?", b.server(), says)
	case status == http.StatusPreconditionFailed:
		return value.NotReady.Errorf(op, "it changed after it was listed")
	case isElsewhere(status, code):
		return value.Misconfigured.Errorf(op, "the bucket is in %s; write ?region= with it behind the url", regionOf(err))
	case passesAgain(code):
		return value.SourceError.Errorf(op, "the server says %s", says)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		return value.Misconfigured.Errorf(op, "the server refuses it: %s", says)
	case status == http.StatusBadRequest || status == http.StatusMethodNotAllowed || status == http.StatusNotImplemented:
		return value.Misconfigured.Errorf(op, "the server does not take the request: %s", says)
	case status != 0:
		return value.SourceError.Errorf(op, "the server says %s", says)
	case strings.Contains(err.Error(), "no EC2 IMDS role found"):
		return value.Misconfigured.Errorf(op, "there are no credentials: neither access_key and secret_key, nor in the environment, a profile, or from the machine's own service")
	}
	return value.SourceError.Errorf(op, "%s cannot be reached: %w", b.server(), cause(err))
}

// keyFault is fault for a request about one object.
func (b *s3Bucket) keyFault(ctx context.Context, op string, err error) error {
	if status, code, _ := answer(err); status == http.StatusNotFound && code != "NoSuchBucket" && ctx.Err() == nil {
		return value.NotReady.Errorf(op, "it is not there: %w", fs.ErrNotExist)
	}
	return b.fault(ctx, op, err)
}

// server names what is asked.
func (b *s3Bucket) server() string {
	if endpoint := b.client.Options().BaseEndpoint; endpoint != nil {
		return *endpoint
	}
	return "Amazon S3 in " + b.client.Options().Region
}

// answer is what a server has answered: 0 where it has not.
func answer(err error) (status int, code, says string) {
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		code = api.ErrorCode()
		says = strings.TrimSuffix(strings.TrimSpace(api.ErrorMessage()), ".")
	}
	switch {
	case status == 0:
		return 0, code, says
	case code == "" || code == http.StatusText(status) || code == "UnknownError":
		says = strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
	case says == "":
		says = fmt.Sprintf("%d %s", status, code)
	default:
		says = fmt.Sprintf("%d %s: %s", status, code, says)
	}
	return status, code, says
}

// passesAgain reports what another attempt may get past, though the status says
// that somebody must act: credentials that have just run out may be new by then.
func passesAgain(code string) bool {
	switch code {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired",
		"SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestTimeout", "RequestTimeTooSkewed", "BadDigest":
		return true
	}
	return false
}

// isElsewhere reports a bucket that is in another region.
func isElsewhere(status int, code string) bool {
	return status == http.StatusMovedPermanently || status == http.StatusTemporaryRedirect || code == "AuthorizationHeaderMalformed" || code == "IllegalLocationConstraintException"
}

// regionOf is the region that an answer names.
func regionOf(err error) string {
	var response *awshttp.ResponseError
	if errors.As(err, &response) && response.Response != nil {
		if region := response.Response.Header.Get("X-Amz-Bucket-Region"); region != "" {
			return region
		}
	}
	return "another region"
}

// cause is the innermost error of the network, which says what happened; those
// around it say how often it was tried.
//
// It never has the address that was asked, whose parameters may let its reader in,
// and never wraps [io.EOF], which is no error to who reads a file.
func cause(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var around *url.Error
	switch {
	case errors.As(err, &dns):
		return dns
	case errors.As(err, &op):
		return op
	case errors.Is(err, io.EOF):
		return errCut
	case errors.As(err, &around):
		return around.Err
	}
	return err
}
