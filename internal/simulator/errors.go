package simulator

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Error codes of the Manager that the simulator uses.
const (
	codeInvalidToken     = "INVALID_TOKEN"
	codeExpiredToken     = "EXPIRED_TOKEN"
	codeRevokedToken     = "REVOKED_TOKEN"
	codeInvalidRequest   = "INVALID_REQUEST"
	codeAccessDenied     = "NG_ACCESS_DENIED"
	codeResourceNotFound = "RESOURCE_NOT_FOUND_EXCEPTION"
	codeEntityNotFound   = "ENTITY_NOT_FOUND"
	codeTooManyRequests  = "TOO_MANY_REQUESTS"
	codeUnknownError     = "UNKNOWN_ERROR"
)

const (
	messageInvalidToken   = "Token is not valid."
	messageAccountMissing = "Account detail is not present in the request"
	messageUnknownError   = "Oops, something went wrong on our end. Please contact Harness Support."
	messageNotFound       = "HTTP 404 Not Found"
)

// apiError is a refusal by the Manager: a status and one of its two body shapes.
type apiError struct {
	status int
	code   string
	text   string
	body   any
}

// Error implements error.
func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s: %s", e.status, e.code, e.text)
}

// errorBody is the shape with status ERROR. Its nulls are written out.
type errorBody struct {
	Status           string            `json:"status"`
	Code             string            `json:"code"`
	Message          string            `json:"message"`
	CorrelationID    string            `json:"correlationId"`
	DetailedMessage  *string           `json:"detailedMessage"`
	ResponseMessages []responseMessage `json:"responseMessages"`
	Metadata         any               `json:"metadata"`
}

type responseMessage struct {
	Code         string   `json:"code"`
	Level        string   `json:"level"`
	Message      string   `json:"message"`
	Exception    any      `json:"exception"`
	FailureTypes []string `json:"failureTypes"`
}

// failureBody is the shape with status FAILURE.
type failureBody struct {
	Status        string       `json:"status"`
	Code          string       `json:"code"`
	Message       string       `json:"message"`
	CorrelationID string       `json:"correlationId"`
	Errors        []fieldError `json:"errors"`
}

type fieldError struct {
	FieldID string `json:"fieldId"`
	Error   string `json:"error"`
}

// accessDeniedBody is the shape of a missing permission.
type accessDeniedBody struct {
	errorBody
	FailedPermissionChecks []permissionCheck `json:"failedPermissionChecks"`
}

type permissionCheck struct {
	ResourceScope      resourceScope `json:"resourceScope"`
	ResourceType       string        `json:"resourceType"`
	ResourceIdentifier *string       `json:"resourceIdentifier"`
	Permission         string        `json:"permission"`
}

type resourceScope struct {
	AccountIdentifier string  `json:"accountIdentifier"`
	OrgIdentifier     *string `json:"orgIdentifier"`
	ProjectIdentifier *string `json:"projectIdentifier"`
}

func newErrorBody(code, message string, messages ...responseMessage) errorBody {
	if messages == nil {
		messages = []responseMessage{}
	}
	return errorBody{Status: "ERROR", Code: code, Message: message, CorrelationID: newUUID(), ResponseMessages: messages}
}

// errorOf is an error in the shape with status ERROR, its text repeated in responseMessages.
func errorOf(status int, code, message string) *apiError {
	repeated := responseMessage{Code: code, Level: "ERROR", Message: message, FailureTypes: []string{}}
	return &apiError{status: status, code: code, text: message, body: newErrorBody(code, message, repeated)}
}

// failureOf is an error in the shape with status FAILURE.
func failureOf(status int, code, message string, fields []fieldError) *apiError {
	body := failureBody{Status: "FAILURE", Code: code, Message: message, CorrelationID: newUUID(), Errors: fields}
	return &apiError{status: status, code: code, text: message, body: body}
}

// invalidRequest is a rule of the Manager that the request breaks.
func invalidRequest(format string, args ...any) *apiError {
	return errorOf(http.StatusBadRequest, codeInvalidRequest, "Invalid request: "+fmt.Sprintf(format, args...))
}

// unreadableBody is the reply to a request body that cannot be read as what the endpoint expects.
func unreadableBody() *apiError {
	return invalidRequest("Unable to process JSON")
}

// unauthorized is a key or delegate token that does not open the door.
func unauthorized(code, message string) *apiError {
	return errorOf(http.StatusUnauthorized, code, message)
}

// internalError is whatever the Manager did not foresee.
func internalError() *apiError {
	return errorOf(http.StatusInternalServerError, codeUnknownError, messageUnknownError)
}

// unknownPath is how the Manager reports a path it does not have, for instance because it is too old.
func unknownPath() *apiError {
	return failureOf(http.StatusBadRequest, codeResourceNotFound, messageNotFound, nil)
}

// unsupportedMethod is the reply to a method that a known path does not have.
// The documentation leaves the form open; the body of status 405 is an assumption.
func unsupportedMethod(form UnsupportedMethod) *apiError {
	switch form {
	case UnsupportedMethod405:
		return errorOf(http.StatusMethodNotAllowed, codeUnknownError, "HTTP 405 Method Not Allowed")
	case UnsupportedMethodNotFound:
		return unknownPath()
	default:
		return internalError()
	}
}

// badParameter is the reply to a parameter that cannot be read as its type.
func badParameter(form BadNumber) *apiError {
	switch form {
	case BadNumber404:
		return failureOf(http.StatusNotFound, codeResourceNotFound, messageNotFound, nil)
	case BadNumber400:
		return unknownPath()
	default:
		return internalError()
	}
}

// unknownScope is the reply to an organization or project that does not exist.
func unknownScope(form UnknownScope, kind, identifier string) *apiError {
	status := http.StatusBadRequest
	if form == UnknownScope404 {
		status = http.StatusNotFound
	}
	return failureOf(status, codeResourceNotFound, fmt.Sprintf("%s with identifier [%s] not found", kind, identifier), nil)
}

// unknownGroup is the reply to the identifier of a delegate group that does not exist. Its text is an assumption.
func unknownGroup(form UnknownGroup, identifier string) *apiError {
	message := fmt.Sprintf("Delegate group with identifier [%s] not found", identifier)
	if form == UnknownGroup400 {
		return invalidRequest("%s", message)
	}
	return errorOf(http.StatusNotFound, codeEntityNotFound, message)
}

// violations is the reply to query parameters that break their constraints, all of them at once.
func violations(fields []fieldError) *apiError {
	slices.SortFunc(fields, func(a, b fieldError) int { return strings.Compare(a.FieldID, b.FieldID) })
	texts := make([]string, len(fields))
	for i, field := range fields {
		texts[i] = field.FieldID + ": " + field.Error
	}
	return failureOf(http.StatusBadRequest, codeInvalidRequest, strings.Join(texts, ", "), fields)
}

// violation is one broken constraint of a query parameter.
func violation(parameter, constraint string) fieldError {
	return fieldError{FieldID: "query param " + parameter, Error: constraint}
}

// accessDenied is the reply to a key that lacks a permission at a scope.
func accessDenied(key Key, at scope, permission string) *apiError {
	resource := resourceOf(permission)
	message := fmt.Sprintf("Principal of type %s with identifier %s : Missing permission %s on %s",
		key.PrincipalType, key.Principal, permission, resource)
	check := permissionCheck{
		ResourceScope:      resourceScope{AccountIdentifier: at.account, OrgIdentifier: orNull(at.org), ProjectIdentifier: orNull(at.project)},
		ResourceType:       strings.ToUpper(resource),
		ResourceIdentifier: nil,
		Permission:         permission,
	}
	body := accessDeniedBody{
		errorBody:              newErrorBody(codeAccessDenied, message),
		FailedPermissionChecks: []permissionCheck{check},
	}
	return &apiError{status: http.StatusForbidden, code: codeAccessDenied, text: message, body: body}
}

// resourceOf is what a permission is about: the middle of "core_delegate_view".
func resourceOf(permission string) string {
	resource := strings.TrimPrefix(permission, "core_")
	return resource[:strings.LastIndex(resource, "_")]
}

// replyTo turns the error of an endpoint into its reply.
func replyTo(err error) reply {
	var refusal *apiError
	if !errors.As(err, &refusal) {
		refusal = internalError()
	}
	return jsonReply(refusal.status, refusal.body)
}

func orNull(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// newUUID makes a random identifier in the form of RFC 4122, version 4.
func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // It never fails, as its documentation states.
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
