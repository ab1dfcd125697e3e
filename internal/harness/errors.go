package harness

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"unicode"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// The codes of the Manager's error replies that mean something to us.
const (
	codeAccessDenied     = "NG_ACCESS_DENIED"
	codeResourceNotFound = "RESOURCE_NOT_FOUND_EXCEPTION"
	codeEntityNotFound   = "ENTITY_NOT_FOUND"
)

// APIError is a reply of the Manager, or of what stands before it, other than
// success.
type APIError struct {
	Method string
	Path   string
	Status int
	// Code, Message and CorrelationID are empty where the reply isn't the
	// Manager's own JSON.
	Code          string
	Message       string
	CorrelationID string
	// Fields are the parameters that the Manager refused.
	Fields []FieldError
	// Denied are the permissions that the API key lacks.
	Denied []DeniedPermission
	// Body begins a reply that isn't the Manager's own JSON.
	Body string
}

// FieldError is one parameter that the Manager refused, and why.
type FieldError struct {
	Field  string `json:"fieldId"`
	Reason string `json:"error"`
}

// DeniedPermission is one permission that the API key lacks, and where.
type DeniedPermission struct {
	Permission   string
	ResourceType string
	Scope        delegate.Scope
}

// Error implements error.
func (e *APIError) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s: the Manager answered %d %s", e.Method, e.Path, e.Status, http.StatusText(e.Status))
	switch {
	case e.Message != "":
		fmt.Fprintf(&text, ": %s", e.Message)
	case e.Body != "":
		fmt.Fprintf(&text, ": %s", e.Body)
	}
	if e.Code != "" {
		fmt.Fprintf(&text, " (%s)", e.Code)
	}
	if e.CorrelationID != "" {
		fmt.Fprintf(&text, " [correlation id %s]", e.CorrelationID)
	}
	return text.String()
}

// Unauthorized tells that the API key is not accepted.
func (e *APIError) Unauthorized() bool { return e.Status == http.StatusUnauthorized }

// Forbidden tells that the API key lacks a permission.
func (e *APIError) Forbidden() bool {
	return e.Status == http.StatusForbidden || e.Code == codeAccessDenied
}

// RateLimited tells that too many requests were made.
func (e *APIError) RateLimited() bool { return e.Status == http.StatusTooManyRequests }

// UnknownOrg and UnknownProject tell that the scope doesn't exist. Managers
// answer 400 or 404, so the words decide.
func (e *APIError) UnknownOrg() bool { return e.notFound("Organization with identifier") }

// UnknownProject is like UnknownOrg.
func (e *APIError) UnknownProject() bool { return e.notFound("Project with identifier") }

func (e *APIError) notFound(what string) bool {
	return (e.Code == codeResourceNotFound || e.Code == codeEntityNotFound || e.Status == http.StatusNotFound) &&
		strings.Contains(e.Message, what)
}

// NoSuchEndpoint tells that the Manager doesn't know the call at all, as older
// ones don't.
func (e *APIError) NoSuchEndpoint() bool {
	switch e.Status {
	case http.StatusMethodNotAllowed, http.StatusNotImplemented:
		return true
	case http.StatusNotFound:
		return !e.UnknownOrg() && !e.UnknownProject()
	default:
		return e.Code == codeResourceNotFound && strings.HasPrefix(e.Message, "HTTP 404")
	}
}

// rejected tells that the Manager has read the request and refused it, so that
// it has certainly changed nothing.
func (e *APIError) rejected() bool {
	return e.Status >= 400 && e.Status < 500 && e.Status != http.StatusRequestTimeout
}

// newAPIError reads both shapes of the Manager's errors, by the fields that
// are there and not by status: a 400 may carry either.
func newAPIError(r request, resp *http.Response, body []byte) *APIError {
	apiError := &APIError{Method: r.method, Path: r.path, Status: resp.StatusCode}
	var reply struct {
		Code             string       `json:"code"`
		Message          string       `json:"message"`
		CorrelationID    string       `json:"correlationId"`
		Errors           []FieldError `json:"errors"`
		ResponseMessages []struct {
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"responseMessages"`
		FailedPermissionChecks []struct {
			Permission    string `json:"permission"`
			ResourceType  string `json:"resourceType"`
			ResourceScope struct {
				Account string `json:"accountIdentifier"`
				Org     string `json:"orgIdentifier"`
				Project string `json:"projectIdentifier"`
			} `json:"resourceScope"`
		} `json:"failedPermissionChecks"`
	}
	if err := json.Unmarshal(body, &reply); err != nil || reply.Code == "" && reply.Message == "" && len(reply.ResponseMessages) == 0 {
		apiError.Body = snippet(body)
		return apiError
	}
	apiError.Code, apiError.Message, apiError.CorrelationID = reply.Code, reply.Message, reply.CorrelationID
	if apiError.Message == "" && len(reply.ResponseMessages) > 0 {
		apiError.Code, apiError.Message = reply.ResponseMessages[0].Code, reply.ResponseMessages[0].Message
	}
	apiError.Fields = reply.Errors
	for _, check := range reply.FailedPermissionChecks {
		apiError.Denied = append(apiError.Denied, DeniedPermission{
			Permission:   check.Permission,
			ResourceType: check.ResourceType,
			Scope: delegate.Scope{
				Account: check.ResourceScope.Account,
				Org:     check.ResourceScope.Org,
				Project: check.ResourceScope.Project,
			},
		})
	}
	return apiError
}

// ReplyError is a reply of status 2xx that can't be understood.
type ReplyError struct {
	Method string
	Path   string
	// Body is how the reply begins.
	Body string
	Err  error
}

// Error implements error.
func (e *ReplyError) Error() string {
	body := e.Body
	if body == "" {
		body = "(empty)"
	}
	return fmt.Sprintf("%s %s: the reply can't be understood: %v; it begins: %s", e.Method, e.Path, e.Err, body)
}

// Unwrap gives the cause.
func (e *ReplyError) Unwrap() error { return e.Err }

// TransportError tells that no whole reply came.
type TransportError struct {
	Method   string
	Endpoint string
	Err      error
}

// Error implements error.
func (e *TransportError) Error() string {
	return fmt.Sprintf("%s request to %s: %v", e.Method, e.Endpoint, e.Err)
}

// Unwrap gives the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Certificate tells that the connection failed for the server's certificate,
// or because the server doesn't speak TLS.
func (e *TransportError) Certificate() bool {
	return !mayPass(e.Err) && !e.Redirect() && !e.UnknownHost() && !errors.Is(e.Err, errReplyTooLarge)
}

// Redirect tells that the server wanted to send us elsewhere.
func (e *TransportError) Redirect() bool { return errors.Is(e.Err, errRedirect) }

// UnknownHost tells that the endpoint's host name doesn't exist.
func (e *TransportError) UnknownHost() bool { return isUnknownHost(e.Err) }

// snippet is the beginning of a body that isn't what we expected, on one line.
// Markup is taken out: of an HTML page only the words help.
func snippet(body []byte) string {
	const most = 200
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(string(body[:min(len(body), 16*most)]), "?"))
	var words strings.Builder
	for text != "" {
		before, rest, found := strings.Cut(text, "<")
		words.WriteString(before)
		if !found {
			break
		}
		_, text, _ = strings.Cut(rest, ">")
		words.WriteByte(' ')
	}
	plain := []rune(strings.Join(strings.Fields(words.String()), " "))
	if len(plain) > most {
		return string(plain[:most]) + "…"
	}
	return string(plain)
}
