// Package upgrade does what an upgrader does: it asks the Manager for an image, and has Kubernetes or the Docker Engine
// run it. It speaks plain HTTP with all three.
package upgrade
