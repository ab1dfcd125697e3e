package simulator

import (
	"bytes"
	"encoding/json"
	"net/http"
)

const (
	contentTypeJSON = "application/json"
	contentTypeHTML = "text/html; charset=utf-8"
	contentTypeText = "text/plain; charset=utf-8"
)

// reply is a finished answer that is not on the wire yet, so that a fault can still damage it.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// envelope wraps the payload of every successful delegate endpoint.
type envelope struct {
	MetaData         struct{} `json:"metaData"`
	Resource         any      `json:"resource"`
	ResponseMessages []any    `json:"responseMessages"`
}

// ok is status 200 with the payload in the envelope.
func ok(resource any) reply {
	return jsonReply(http.StatusOK, envelope{Resource: resource, ResponseMessages: []any{}})
}

// ngEnvelope wraps the payload of every successful endpoint that is not about delegates.
type ngEnvelope struct {
	Status        string `json:"status"`
	Data          any    `json:"data"`
	MetaData      any    `json:"metaData"`
	CorrelationID string `json:"correlationId"`
}

// success is status 200 with the payload in the envelope of endpoints that are not about delegates.
func success(data any) reply {
	return jsonReply(http.StatusOK, ngEnvelope{Status: "SUCCESS", Data: data, CorrelationID: newUUID()})
}

// empty is a status without a body.
func empty(status int) reply {
	return reply{status: status, header: http.Header{}}
}

// textReply is a body as it stands.
func textReply(status int, contentType, body string) reply {
	return reply{status: status, header: http.Header{"Content-Type": {contentType}}, body: []byte(body)}
}

// jsonReply encodes the body without escaping <, > and &, as the Manager does.
func jsonReply(status int, body any) reply {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		return textReply(http.StatusInternalServerError, contentTypeText, "simulator: encoding the reply: "+err.Error())
	}
	return textReply(status, contentTypeJSON, text.String())
}
