// Package harness is the client of the Harness Manager's REST API: what goes
// over the wire, what can go wrong with it, and how a write is made sure of.
// It knows nothing of Terraform.
package harness
