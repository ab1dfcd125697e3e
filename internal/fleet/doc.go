// Package fleet joins what the Manager tells in pieces: which delegates there
// are, where they live, and which overrides reach them. It says what it could
// not see instead of failing for it. It knows nothing of Terraform.
package fleet
