package kubetest

import "fmt"

// StopAPIServer kills the API server: requests under way are cut off, new ones
// are refused. What it had stored is kept.
func (c *Cluster) StopAPIServer() error { return c.apiServer("stop") }

// StartAPIServer starts the API server again, under its old address, and
// returns when it's ready.
func (c *Cluster) StartAPIServer() error { return c.apiServer("start") }

// RestartAPIServer is StopAPIServer and StartAPIServer.
func (c *Cluster) RestartAPIServer() error {
	if err := c.StopAPIServer(); err != nil {
		return err
	}
	return c.StartAPIServer()
}

// PauseAPIServer lets the API server hang: connections are accepted, and
// nothing is answered.
func (c *Cluster) PauseAPIServer() error { return c.apiServer("pause") }

// ResumeAPIServer ends PauseAPIServer. Requests that waited are answered.
func (c *Cluster) ResumeAPIServer() error { return c.apiServer("resume") }

func (c *Cluster) apiServer(do string) error {
	if _, err := c.bed.ask(bedRequest{Do: do}); err != nil {
		return fmt.Errorf("API server, %s: %w", do, err)
	}
	return nil
}
