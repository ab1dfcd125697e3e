package functions

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

type mirroredImage struct{}

// NewMirroredImage makes the function mirrored_image.
func NewMirroredImage() function.Function { return mirroredImage{} }

// Metadata implements function.Function.
func (mirroredImage) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "mirrored_image"
}

// Definition implements function.Function.
func (mirroredImage) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the image that an upgrader with a registry mirror sets.",
		MarkdownDescription: "Returns the image that an upgrader with a registry mirror sets: the mirror is prepended to " +
			"`harness/delegate:TAG`, and other images are returned unchanged.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name:                "image",
				MarkdownDescription: "The image that the Manager returns, such as that of `harnessdelegate_resolved_image`.",
			},
			function.StringParameter{
				Name:           "mirror",
				AllowNullValue: true,
				MarkdownDescription: "The upgrader's `registry_mirror`: a registry with an optional path, such as `registry.example.com/mirror`. " +
					"Null if the upgrader has no mirror.",
			},
		},
		Return: function.StringReturn{},
	}
}

// Run implements function.Function.
func (mirroredImage) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var image string
	var mirror *string
	if resp.Error = req.Arguments.Get(ctx, &image, &mirror); resp.Error != nil {
		return
	}
	if err := checkImage(image); err != nil {
		resp.Error = invalid(0, err)
		return
	}
	if mirror != nil {
		if err := delegate.CheckMirror(*mirror); err != nil {
			resp.Error = invalid(1, fmt.Errorf("%q is not a registry mirror such as registry.example.com/mirror: %w", *mirror, err))
			return
		}
		image = delegate.Mirrored(image, *mirror)
	}
	resp.Error = resp.Result.Set(ctx, image)
}

// checkImage refuses what is no image with a repository.
func checkImage(text string) error {
	image, err := delegate.ParseImage(text)
	if err == nil && image.Form == delegate.ImageBareTag {
		return fmt.Errorf("%q has no repository in front of the tag; the published image is %s", text, delegate.PublishedImage(text))
	}
	return err
}
