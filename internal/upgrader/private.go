package upgrader

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// What the state keeps beside the attributes, where no plan or output shows it.
const (
	// privateObjects are the objects that were applied or imported, by their IDs.
	privateObjects = "objects"
	// privateLeftSecret is the token's Secret of somebody else that an import has
	// found, and left to them until the configuration brings a token of its own.
	privateLeftSecret = "left_secret"
	// privateToken and privateProxyPassword are marks of the secrets that were
	// written last.
	privateToken         = "token_mark"
	privateProxyPassword = "proxy_password_mark"
	// privateUnverified is set while a run that was to verify has failed.
	privateUnverified = "unverified"
)

// privateReader and privateWriter are what the framework's private state can do.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// recall reads a value; what isn't there, or can't be read, is zero.
func recall[T any](ctx context.Context, private privateReader, key string, diags *diag.Diagnostics) T {
	var value T
	raw, keyDiags := private.GetKey(ctx, key)
	diags.Append(keyDiags...)
	if len(raw) > 0 {
		_ = json.Unmarshal(raw, &value) // written by another version at worst
	}
	return value
}

// remember keeps a value.
func remember(ctx context.Context, private privateWriter, key string, value any, diags *diag.Diagnostics) {
	raw, err := json.Marshal(value)
	if err != nil {
		diags.AddError("Unable to Keep Private State", err.Error()+" This is always a bug in the provider; please report it.")
		return
	}
	diags.Append(private.SetKey(ctx, key, raw)...)
}

// rememberSecrets keeps the marks of the secrets that were written.
func rememberSecrets(ctx context.Context, private privateWriter, written spec.Upgrader, diags *diag.Diagnostics) {
	for key, text := range map[string]secret.Text{privateToken: written.Token, privateProxyPassword: written.Proxy.Password} {
		mark := spec.Mark{}
		if text != "" {
			mark = spec.NewMark(text)
		}
		remember(ctx, private, key, mark, diags)
	}
}
