package simulator

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// effectBeforeDelay reports whether the request takes effect before the delay, so that a client that gives up
// while it waits leaves its change behind.
func (f Fault) effectBeforeDelay() bool {
	return f.AfterEffect && f.Delay > 0
}

// replace returns the reply that a fault sends instead of the one served.
// How a reply that is kept gets damaged on its way is up to send.
func (f Fault) replace(served reply, now time.Time, limitForm RateLimitForm) reply {
	switch f.Kind {
	case FaultStatus:
		return f.statusReply(now, limitForm)
	case FaultHTML:
		return textReply(f.Status, contentTypeHTML, htmlPage("We will be right back"))
	case FaultExpiredKey:
		return replyTo(unauthorized(codeInvalidToken, messageInvalidToken))
	case FaultRedirect:
		answer := textReply(http.StatusFound, contentTypeHTML, htmlPage("Moved"))
		answer.header.Set("Location", "/auth/#/signin")
		return answer
	case FaultResetBefore:
		return empty(0)
	case FaultEmptyBody:
		served.body = nil
		return served
	case FaultOversizeBody:
		size := f.Size
		if size <= 0 {
			size = defaultOversize
		}
		served.body = append(served.body, bytes.Repeat([]byte{' '}, int(size))...)
		return served
	default:
		return served
	}
}

// statusReply is the reply of FaultStatus.
func (f Fault) statusReply(now time.Time, limitForm RateLimitForm) reply {
	answer := f.statusBody(limitForm)
	switch {
	case f.RetryAfter > 0 && f.RetryAfterDate:
		answer.header.Set("Retry-After", now.Add(f.RetryAfter).Format(http.TimeFormat))
	case f.RetryAfter > 0:
		answer.header.Set("Retry-After", wholeSeconds(f.RetryAfter))
	}
	if f.Body != "" {
		answer.body = []byte(f.Body)
	}
	return answer
}

func (f Fault) statusBody(limitForm RateLimitForm) reply {
	title := fmt.Sprintf("%d %s", f.Status, http.StatusText(f.Status))
	switch {
	case f.Form == BodyFormHTML:
		return textReply(f.Status, contentTypeHTML, htmlPage(title))
	case f.Form == BodyFormText:
		return textReply(f.Status, contentTypeText, title+"\n")
	case f.Status == http.StatusTooManyRequests && f.Form == "":
		return tooManyRequests(limitForm, time.Second)
	case f.Status == http.StatusTooManyRequests:
		limited := tooManyRequests(RateLimitJSON, 0)
		limited.header.Del("Retry-After")
		return limited
	case f.Status == http.StatusUnauthorized:
		return replyTo(unauthorized(codeInvalidToken, messageInvalidToken))
	case f.Status < http.StatusInternalServerError:
		return replyTo(errorOf(f.Status, codeInvalidRequest, "Invalid request: "+title))
	default:
		return replyTo(errorOf(f.Status, codeUnknownError, messageUnknownError))
	}
}

func htmlPage(title string) string {
	return "<html>\n<head><title>" + title + "</title></head>\n<body>\n<center><h1>" + title + "</h1></center>\n</body>\n</html>\n"
}

// send puts the reply on the wire, damaged as the kind of the fault says.
func (f Fault) send(ctx context.Context, w http.ResponseWriter, answer reply) {
	switch f.Kind {
	case FaultResetBefore, FaultResetAfter:
		reset(w)
	case FaultTruncated:
		answer.header.Set("Content-Length", strconv.Itoa(max(len(answer.body), 1)))
		answer.body = answer.body[:len(answer.body)/2]
		answer.write(w)
		hangUp(w)
	case FaultTruncatedChunked:
		answer.body = answer.body[:len(answer.body)/2]
		answer.write(w)
		hangUp(w)
	case FaultSlowBody:
		answer.dribble(ctx, w, f.Delay)
	default:
		if hasBody(answer.status) {
			answer.header.Set("Content-Length", strconv.Itoa(len(answer.body)))
		}
		answer.write(w)
	}
}

// hasBody reports whether a reply of this status may have a body.
func hasBody(status int) bool {
	return status >= http.StatusOK && status != http.StatusNoContent && status != http.StatusNotModified
}

// write sends the header and the body. A client that has gone is no concern of the simulator.
func (a reply) write(w http.ResponseWriter) {
	a.writeHeader(w)
	_, _ = w.Write(a.body)
}

func (a reply) writeHeader(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
}

// dribble sends the body in pieces with a pause after each.
func (a reply) dribble(ctx context.Context, w http.ResponseWriter, pause time.Duration) {
	if pause == 0 {
		pause = defaultDribble
	}
	a.writeHeader(w)
	out := http.NewResponseController(w)
	for rest := a.body; len(rest) > 0; {
		piece := rest[:min(dribbledPieceLen, len(rest))]
		rest = rest[len(piece):]
		if _, err := w.Write(piece); err != nil {
			return
		}
		if err := out.Flush(); err != nil {
			return
		}
		if !sleep(ctx, pause) {
			return
		}
	}
}

// reset ends the connection with a TCP reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "simulator: this fault needs an HTTP/1.1 connection: "+err.Error(), http.StatusInternalServerError)
		return
	}
	inner := conn
	if secured, isTLS := conn.(*tls.Conn); isTLS {
		inner = secured.NetConn()
	}
	if tcp, isTCP := inner.(*net.TCPConn); isTCP {
		_ = tcp.SetLinger(0)
	}
	_ = inner.Close()
}

// hangUp sends what is written so far and ends the connection as if the reply were complete.
func hangUp(w http.ResponseWriter) {
	out := http.NewResponseController(w)
	if err := out.Flush(); err != nil {
		return
	}
	conn, _, err := out.Hijack()
	if err != nil {
		return
	}
	_ = conn.Close()
}
