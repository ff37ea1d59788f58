package source_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/waybill-dev/waybill/lang/graph"
	"github.com/waybill-dev/waybill/runtime/value"
)

const clientSecret = "cl1ent/s3cret"

// withToken has the client get its tokens at a server that says what it is asked.
func withToken(t *testing.T, serve func(n int, in *http.Request) *http.Response, give func(n int, in *http.Request) *http.Response) (*puller, *[]string) {
	t.Setenv("REST_CLIENT", clientSecret)
	var asked []string
	p, _ := clocked(t, func(_ int, in *http.Request) *http.Response {
		if in.URL.Path == "/token" {
			asked = append(asked, "token")
			return give(strings.Count(strings.Join(asked, " "), "token"), in)
		}
		asked = append(asked, in.URL.RawQuery+" "+in.Header.Get("Authorization"))
		return serve(len(asked), in)
	}, paging(graph.Paging{Way: graph.PagingPage, Parameter: "page"}), func(a *graph.RestAPI) {
		a.OAuth2 = &graph.OAuth2{
			TokenURL: graph.Text("http://api.example.com/token"), ClientID: graph.Text("me"), ClientSecret: graph.Value{{Ref: "secret.client"}},
			Scopes: []string{"read", "list"}, Audience: "crm",
		}
	})
	p.values.Secrets = value.NewSecrets("", []graph.Secret{{Name: "client", Env: "REST_CLIENT"}}, &value.Redactor{})
	return p, &asked
}

func giveToken(lives int) func(n int, in *http.Request) *http.Response {
	return func(n int, in *http.Request) *http.Response {
		body, _ := io.ReadAll(in.Body)
		id, secret, _ := in.BasicAuth()
		if want := "audience=crm&grant_type=client_credentials&scope=read+list"; string(body) != want || id != "me" || secret != "cl1ent%2Fs3cret" {
			return answer(in, 400, nil, strings.NewReader(fmt.Sprintf(`{"error":"invalid_request","error_description":"%s %s %s"}`, body, id, secret)))
		}
		return answer(in, 200, map[string]string{"Content-Type": "application/json"},
			strings.NewReader(fmt.Sprintf(`{"access_token":"tok-%d-abcdefgh","token_type":"Bearer","expires_in":%d}`, n, lives)))
	}
}

func pageOf(n int, in *http.Request) *http.Response {
	i := queryInt("page")(*in)
	if i > 3 {
		return answer(in, 200, nil, strings.NewReader(`{"items":[]}`))
	}
	return answer(in, 200, nil, strings.NewReader(fmt.Sprintf(`{"items":[{"id":%d}]}`, i)))
}

func TestRESTRenewsItsToken(t *testing.T) {
	first, second := "Bearer tok-1-abcdefgh", "Bearer tok-2-abcdefgh"
	t.Run("when it expires", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p, asked := withToken(t, func(n int, in *http.Request) *http.Response {
				if time.Sleep(20 * time.Second); in.URL.RawQuery == "page=0" {
					return answer(in, 200, nil, strings.NewReader(`{"items":[{"id":0}]}`))
				}
				return pageOf(n, in)
			}, giveToken(60))
			if files, err := p.pull(t.Context()); err != nil || files["records.jsonl"] != "{\"id\":0}\n"+lines(1, 3) {
				t.Errorf("%v, %v", files, err)
			}
			if diff := cmp.Diff([]string{"token", "page=0 " + first, "page=1 " + first, "page=2 " + first, "token", "page=3 " + second, "page=4 " + second}, *asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	})
	t.Run("when it is refused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p, asked := withToken(t, func(n int, in *http.Request) *http.Response {
				if in.URL.RawQuery == "page=2" && in.Header.Get("Authorization") == first {
					return answer(in, 401, nil, strings.NewReader("expired"))
				}
				return pageOf(n, in)
			}, giveToken(3600))
			p.api.Paging.First = 1
			p.gets(3)
			if diff := cmp.Diff([]string{"token", "page=1 " + first, "page=2 " + first, "token", "page=2 " + second, "page=3 " + second, "page=4 " + second}, *asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	})
	t.Run("and once only", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			p, asked := withToken(t, func(_ int, in *http.Request) *http.Response {
				return answer(in, 401, nil, strings.NewReader("no "+in.Header.Get("Authorization")))
			}, giveToken(3600))
			p.fails(value.Misconfigured, "the answer was 401 Unauthorized: no Bearer (secret oauth2 token)")
			if diff := cmp.Diff([]string{"token", "page=0 " + first, "token", "page=0 " + second}, *asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	})
}

// A server that gives tokens is obeyed as one that gives data.
func TestRESTWaitsForItsToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		give := giveToken(3600)
		p, _ := withToken(t, pageOf, func(n int, in *http.Request) *http.Response {
			if n == 1 {
				return answer(in, 429, map[string]string{"Retry-After": "90"}, strings.NewReader("slower"))
			}
			return give(n, in)
		})
		p.api.Paging.First = 1
		began := time.Now()
		p.gets(3)
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// Some servers want the secret in the body.
func TestRESTGetsATokenInTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := withToken(t, pageOf, func(n int, in *http.Request) *http.Response {
			if in.ParseForm() != nil || in.PostForm.Get("client_secret") != clientSecret {
				return answer(in, 400, nil, strings.NewReader("where is it"))
			}
			return answer(in, 200, map[string]string{"Content-Type": "application/json"}, strings.NewReader(`{"access_token":"tok-0-abcdefgh","expires_in":3600}`))
		})
		p.api.Paging.First = 1
		p.gets(3)
	})
}

func TestRESTWithoutToken(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		fault  value.Fault
		says   string
	}{
		"refused":  {401, `{"error":"invalid_client","error_description":"not ` + clientSecret + `"}`, value.Misconfigured, "get a token from http://api.example.com/token: the answer was 401 Unauthorized: invalid_client, not (secret client); see whether client_id and client_secret are right"},
		"ill":      {503, "later", value.SourceError, "get a token from http://api.example.com/token: the answer was 503 Service Unavailable: later"},
		"no JSON":  {200, "<html>", value.SourceError, "get a token from http://api.example.com/token: "},
		"no token": {200, `{}`, value.SourceError, "server response missing access_token"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _ := withToken(t, pageOf, func(_ int, in *http.Request) *http.Response {
					return answer(in, c.status, map[string]string{"Content-Type": "application/json"}, strings.NewReader(c.body))
				})
				p.fails(c.fault, c.says)
			})
		})
	}
}
