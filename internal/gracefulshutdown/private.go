package gracefulshutdown

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privatePrevious is set in the private state where the value before is known.
// The attribute alone can't tell, for null is a value: that nobody had set any.
const privatePrevious = "previous_known"

// privateReader and privateWriter are what the framework's private state can do.
type privateReader interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
}

type privateWriter interface {
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func rememberPrevious(ctx context.Context, private privateWriter, diags *diag.Diagnostics) {
	diags.Append(private.SetKey(ctx, privatePrevious, []byte("true"))...)
}

func knowsPrevious(ctx context.Context, private privateReader, diags *diag.Diagnostics) bool {
	value, keyDiags := private.GetKey(ctx, privatePrevious)
	diags.Append(keyDiags...)
	return string(value) == "true"
}
