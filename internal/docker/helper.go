package docker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/moby/moby/api/types/registry"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

const (
	// helperTime is how long a helper may take, which may ask a server.
	helperTime = 60 * time.Second
	// notFound is what helpers say of a registry that they don't know.
	notFound = "credentials not found in native keychain"
	// tokenName is the name under which they keep a token in place of a
	// password.
	tokenName = "<token>"
)

// helperName keeps what a file says from being a path of another program.
var helperName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// askHelper asks a credential helper of the Docker CLI, docker-credential-NAME:
// the registry's address goes to its input, JSON comes from its output. It
// finds nothing where the helper knows nothing.
func askHelper(name, server string) (registry.AuthConfig, error) {
	var none registry.AuthConfig
	if !helperName.MatchString(name) {
		return none, fmt.Errorf("%q is no name of a credential helper", name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), helperTime)
	defer cancel()
	program := "docker-credential-" + name
	command := exec.CommandContext(ctx, program, "get") //nolint:gosec // The name is checked, and from the user's own file.
	command.WaitDelay = time.Second
	command.Stdin = strings.NewReader(server)
	var output bytes.Buffer
	command.Stdout = &output
	if err := command.Run(); err != nil {
		said := strings.TrimSpace(output.String())
		if said == notFound {
			return none, nil
		}
		// When it fails, its output is the reason, and no credentials.
		return none, fmt.Errorf("%s: %w: %.200s", program, err, said)
	}
	var answer struct {
		Username string
		Secret   secret.Text
	}
	if err := json.Unmarshal(output.Bytes(), &answer); err != nil {
		return none, fmt.Errorf("%s answered something that is no credentials", program)
	}
	if answer.Username == tokenName {
		return registry.AuthConfig{IdentityToken: string(answer.Secret)}, nil
	}
	return registry.AuthConfig{Username: answer.Username, Password: string(answer.Secret)}, nil
}
