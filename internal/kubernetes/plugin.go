package kubernetes

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/pkg/apis/clientauthentication"
	"k8s.io/client-go/pkg/apis/clientauthentication/install"
	"k8s.io/client-go/rest"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// noCredentials is how client-go begins the failure of an exec plugin.
const noCredentials = "getting credentials: "

const (
	// pluginTime is how long a plugin may take to repeat what it said.
	pluginTime = 30 * time.Second
	// pluginSays is how much is kept of it, in bytes: the end, where the reason
	// stands.
	pluginSays = 600
)

// credentialsError is that an exec plugin has given no credentials.
type credentialsError struct {
	cause error
	// says is what the plugin has written to standard error; it may be empty.
	says string
}

// Error implements error.
func (e *credentialsError) Error() string {
	if e.says == "" {
		return e.cause.Error()
	}
	return e.cause.Error() + ": " + e.says
}

// Unwrap gives the cause.
func (e *credentialsError) Unwrap() error { return e.cause }

// plugin is the way to a server whose credentials an exec plugin gives. client-go
// lets the plugin write to the standard error of this process, which Terraform
// doesn't show, and leaves it out of its error. So a plugin that has failed is run
// once more, and what it says is added.
type plugin struct {
	base     http.RoundTripper
	settings *rest.Config

	once sync.Once
	says string
}

func newPlugin(settings *rest.Config, base http.RoundTripper) *plugin {
	return &plugin{base: base, settings: settings}
}

// RoundTrip implements http.RoundTripper.
func (p *plugin) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := p.base.RoundTrip(request)
	if err != nil && strings.HasPrefix(err.Error(), noCredentials) {
		// The first request's time may be over before the plugin is.
		p.once.Do(func() { p.says = askPlugin(context.WithoutCancel(request.Context()), p.settings) })
		return response, &credentialsError{err, p.says}
	}
	return response, err
}

// askPlugin runs a plugin for what it writes to standard error. Its output, which
// may be credentials, is dropped.
func askPlugin(ctx context.Context, settings *rest.Config) string {
	program := settings.ExecProvider
	info, err := execInfo(settings)
	if err != nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, pluginTime)
	defer cancel()
	command := exec.CommandContext(ctx, program.Command, program.Args...) //nolint:gosec // The user names the program.
	command.WaitDelay = time.Second
	command.Env = os.Environ()
	for _, variable := range program.Env {
		command.Env = append(command.Env, variable.Name+"="+variable.Value)
	}
	mask := pluginMask(command.Env, program.Args)
	command.Env = append(command.Env, "KUBERNETES_EXEC_INFO="+info)
	var said tail
	command.Stderr = &said
	_ = command.Run() // it has failed before
	return shortened(mask(string(bytes.ToValidUTF8(said, nil))))
}

// execInfo is what client-go tells a plugin.
func execInfo(settings *rest.Config) (string, error) {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	version, err := schema.ParseGroupVersion(settings.ExecProvider.APIVersion)
	if err != nil {
		return "", err
	}
	info := &clientauthentication.ExecCredential{}
	if settings.ExecProvider.ProvideClusterInfo {
		if info.Spec.Cluster, err = rest.ConfigToExecCluster(settings); err != nil {
			return "", err
		}
	}
	codecs := serializer.NewCodecFactory(scheme)
	text, err := runtime.Encode(codecs.LegacyCodec(version), info)
	return string(text), err
}

// secretName is how variables and options are called whose values are secret.
var secretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)token|secret|passw|passphrase|pwd|api_?-?key|access_?-?key|private|credential`)
})

// webToken is how a JSON Web Token looks, whoever has it.
var webToken = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`eyJ[\w-]+\.[\w-]+\.[\w-]*`)
})

// pluginMask hides the secrets that a plugin has: by the names of variables and
// options, and tokens by their look.
func pluginMask(env, args []string) func(string) string {
	var secrets []secret.Text
	for _, variable := range env {
		if name, value, _ := strings.Cut(variable, "="); secretName().MatchString(name) {
			secrets = append(secrets, secret.Text(value))
		}
	}
	for i, argument := range args {
		name, value, within := strings.Cut(argument, "=")
		switch {
		case !secretName().MatchString(name) || !strings.HasPrefix(name, "-"):
		case within:
			secrets = append(secrets, secret.Text(value))
		case i+1 < len(args):
			secrets = append(secrets, secret.Text(args[i+1]))
		}
	}
	mask := secret.NewMask(secrets...)
	return func(text string) string { return webToken().ReplaceAllString(mask.Hide(text), secret.Redacted) }
}

// shortened is the end of a text, in one line.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= pluginSays {
		return text
	}
	text = text[len(text)-pluginSays:]
	for !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return "… " + text
}
