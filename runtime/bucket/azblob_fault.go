package bucket

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"

	"github.com/waybill-dev/waybill/runtime/value"
)

// Roles that operations take.
const (
	azToRead  = "the role Storage Blob Data Reader, or a signature with the permissions r and l"
	azToWrite = "the role Storage Blob Data Contributor, or a signature with the permissions r, c, w and d"
)

// azAnswer is an answer that says no.
func azAnswer(err error) (status int, code, says string) {
	var no *azcore.ResponseError
	if !errors.As(err, &no) {
		return 0, "", ""
	}
	says = strings.TrimSpace(fmt.Sprintf("%d %s", no.StatusCode, no.ErrorCode))
	if no.ErrorCode == "" {
		says = strings.TrimSpace(fmt.Sprintf("%d %s", no.StatusCode, http.StatusText(no.StatusCode)))
	}
	if no.RawResponse != nil {
		var document struct{ Message string }
		if body, err := runtime.Payload(no.RawResponse); err == nil && xml.Unmarshal(body, &document) == nil {
			if line, _, _ := strings.Cut(strings.TrimSpace(document.Message), "\n"); line != "" {
				says += ": " + strings.TrimSuffix(strings.TrimSpace(line), ".")
			}
		}
		if no.StatusCode == http.StatusForbidden || no.StatusCode == http.StatusUnauthorized {
			says += skewed(skewOf(no.RawResponse.Header))
		}
	}
	return no.StatusCode, no.ErrorCode, says
}

// fault says what an error of the server means. needs is what the operation takes.
func (c *azContainer) fault(ctx context.Context, op, needs string, err error) error {
	return c.hidden.Error(c.faultOf(ctx, op, needs, err))
}

func (c *azContainer) faultOf(ctx context.Context, op, needs string, err error) error {
	var known *value.Error
	var identity *azidentity.AuthenticationFailedError
	switch {
	case err == nil || errors.As(err, &known):
		return err
	case ctx.Err() != nil:
		return value.Interrupted(ctx, op)
	case errors.As(err, &identity):
		return value.Misconfigured.Errorf(op, "Azure gives no access to the identity of this machine: %s", oneLine(identity.Error()))
	case strings.Contains(err.Error(), "failed to acquire a token"):
		return value.Misconfigured.Errorf(op, "there are no credentials: neither access_key and secret_key, nor in the environment, nor an identity of the machine, nor az's own: %s", oneLine(err.Error()))
	}
	status, code, says := azAnswer(err)
	switch {
	case status == 0:
		return value.SourceError.Errorf(op, "%s cannot be reached: %w", c.server, reachable(cause(err)))
	case code == "ContainerNotFound" || code == "ResourceNotFound":
		return value.Misconfigured.Errorf(op, "there is no container %s at %s", c.at.Host, c.server)
	case code == "ContainerBeingDeleted" || code == "AccountIsDisabled":
		return value.Misconfigured.Errorf(op, "the server refuses it: %s", says)
	case status == http.StatusNotFound:
		return value.NotReady.Errorf(op, "it is not there: %w", fs.ErrNotExist)
	case status == http.StatusPreconditionFailed:
		return value.NotReady.Errorf(op, "it changed after it was listed")
	case code == "AuthenticationFailed" || code == "InvalidAuthenticationInfo" || status == http.StatusUnauthorized:
		return value.Misconfigured.Errorf(op, "the server does not accept the credentials, or they have run out: %s", says)
	case status == http.StatusForbidden:
		return value.Misconfigured.Errorf(op, "the server refuses it: %s; it takes %s", says, needs)
	case status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status == http.StatusConflict || code == "InvalidBlockList":
		return value.SourceError.Errorf(op, "the server says %s", says)
	}
	return value.Misconfigured.Errorf(op, "the server does not take the request: %s", says)
}

// oneLine is the first lines of a long message.
func oneLine(text string) string {
	const most = 400
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " …"
	}
	return text
}
