package kubetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// AuditEntry is a request that the API server has got.
type AuditEntry struct {
	// Time is when the request came.
	Time time.Time
	// User is who sent it. Pod is the pod whose token was used, if any.
	User, Pod string
	// Impersonated is whom the user acted as, if at all.
	Impersonated string
	UserAgent    string
	// Verb is what was asked for, such as "get", "list", "watch", "create",
	// "update", "patch", "delete".
	Verb                                          string
	Group, Resource, Namespace, Name, Subresource string
	// FieldManager and DryRun are of the request's parameters.
	FieldManager string
	DryRun       bool
	URI          string
	// Code is the status of the answer.
	Code int
	// Request and Response are the bodies, for the groups apps and batch.
	Request, Response json.RawMessage
}

// Audit returns the requests that came at or after a time, oldest first. The
// control plane's own are left out, and those of this package. A request is
// there when its answer is.
func (c *Cluster) Audit(since time.Time) ([]AuditEntry, error) {
	content, err := os.ReadFile(filepath.Join(c.dir, "audit.jsonl"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it comes with the first request
	}
	if err != nil {
		return nil, fmt.Errorf("reading the audit log: %w", err)
	}
	var entries []AuditEntry
	seen := map[string]int{} // a watch is logged when it starts and when it ends
	for line := range bytes.Lines(content) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // still being written
		}
		var event auditEvent
		if err := json.Unmarshal(line, &event); err != nil {
			return nil, fmt.Errorf("reading the audit log: %w", err)
		}
		if event.RequestReceivedTimestamp.Before(since) {
			continue
		}
		if at, again := seen[event.AuditID]; again {
			entries[at] = event.entry()
			continue
		}
		seen[event.AuditID] = len(entries)
		entries = append(entries, event.entry())
	}
	slices.SortStableFunc(entries, func(a, b AuditEntry) int { return a.Time.Compare(b.Time) })
	return entries, nil
}

// auditEvent is what is used of audit.k8s.io/v1 Event.
type auditEvent struct {
	AuditID    string `json:"auditID"`
	RequestURI string `json:"requestURI"`
	Verb       string `json:"verb"`
	User       struct {
		Username string              `json:"username"`
		Extra    map[string][]string `json:"extra"`
	} `json:"user"`
	ImpersonatedUser struct {
		Username string `json:"username"`
	} `json:"impersonatedUser"`
	UserAgent string `json:"userAgent"`
	ObjectRef struct {
		APIGroup    string `json:"apiGroup"`
		Resource    string `json:"resource"`
		Namespace   string `json:"namespace"`
		Name        string `json:"name"`
		Subresource string `json:"subresource"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	RequestObject            json.RawMessage `json:"requestObject"`
	ResponseObject           json.RawMessage `json:"responseObject"`
	RequestReceivedTimestamp time.Time       `json:"requestReceivedTimestamp"`
}

func (e *auditEvent) entry() AuditEntry {
	entry := AuditEntry{
		Time:         e.RequestReceivedTimestamp,
		User:         e.User.Username,
		Impersonated: e.ImpersonatedUser.Username,
		UserAgent:    e.UserAgent,
		Verb:         e.Verb,
		Group:        e.ObjectRef.APIGroup,
		Resource:     e.ObjectRef.Resource,
		Namespace:    e.ObjectRef.Namespace,
		Name:         e.ObjectRef.Name,
		Subresource:  e.ObjectRef.Subresource,
		URI:          e.RequestURI,
		Code:         e.ResponseStatus.Code,
		Request:      e.RequestObject,
		Response:     e.ResponseObject,
	}
	if pod := e.User.Extra["authentication.kubernetes.io/pod-name"]; len(pod) > 0 {
		entry.Pod = pod[0]
	}
	if parsed, err := url.Parse(e.RequestURI); err == nil {
		entry.FieldManager = parsed.Query().Get("fieldManager")
		entry.DryRun = parsed.Query().Has("dryRun")
	}
	return entry
}
