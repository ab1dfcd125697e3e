package harness

import "net/http"

// Bounds that the tests count by.
const (
	MaxReply          = maxReply
	MaxInternalErrors = maxInternalErrors
	VerifyReads       = verifyReads
	VerifyGrace       = verifyGrace
	ClockTolerance    = clockTolerance
)

// SetTransport replaces the network under the client's own transport.
func (c *Client) SetTransport(network http.RoundTripper) {
	c.http.HTTPClient.Transport.(*transport).next = network //nolint:forcetypeassert // New made it
}
