package upgrader

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"

	"github.com/hashicorp/terraform-plugin-framework-validators/float64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/mapvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64default"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/container"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/wholenumber"
)

const (
	attrName = "name"
	attrHost = "host"
)

// minimumMemoryMB is what the engine refuses to go below.
const minimumMemoryMB = 6

// dockerBlock is what an upgrader on Docker has besides.
func dockerBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Runs the upgrader as a container on Docker. It runs on the engine of the provider's `docker` block. Exactly one of `kubernetes` and `docker` must be set; changing from one to the other forces replacement.",
		Attributes: map[string]schema.Attribute{
			attrName: schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("Name of the container. Defaults to `%s`.", spec.DefaultContainerName("DELEGATE_NAME")),
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{containerName()},
			},
			attrHost: schema.StringAttribute{
				MarkdownDescription: "Address of the engine, if it differs from the provider's: `unix://`, `tcp://` or `ssh://`. Certificates and registries are those of the provider. Changing this forces replacement.",
				Optional:            true,
				Validators:          []validator.String{engineAddress()},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"socket_path": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("Path of the engine's socket on its host, mounted at `%s`. It gives full control of the engine. Defaults to `%s`.", spec.DefaultSocketPath, spec.DefaultSocketPath),
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(spec.DefaultSocketPath),
				Validators:          []validator.String{absolutePath()},
			},
			"cpus": schema.Float64Attribute{
				MarkdownDescription: fmt.Sprintf("CPU limit, in cores, at least 0.01. Defaults to `%g`.", spec.DefaultCPUs),
				Optional:            true,
				Computed:            true,
				Default:             float64default.StaticFloat64(spec.DefaultCPUs),
				Validators:          []validator.Float64{float64validator.AtLeast(0.01)},
			},
			"memory": schema.Int64Attribute{
				CustomType:          wholenumber.Type{},
				MarkdownDescription: fmt.Sprintf("Memory limit in MiB, at least %d; the same amount of swap on top. Defaults to `%d`.", minimumMemoryMB, spec.DefaultMemory),
				Optional:            true,
				Computed:            true,
				Default:             int64default.StaticInt64(spec.DefaultMemory),
				Validators:          []validator.Int64{int64validator.AtLeast(minimumMemoryMB)},
			},
			"restart": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("When the engine starts the container again: `no`, `on-failure` or `on-failure:COUNT`, `always` or `unless-stopped`. Defaults to `%s`.", spec.DefaultRestart),
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(spec.DefaultRestart),
				Validators: []validator.String{stringvalidator.RegexMatches(regexp.MustCompile(`^(no|always|unless-stopped|on-failure(:[1-9][0-9]*)?)$`),
					"must be no, on-failure, on-failure:COUNT, always or unless-stopped")},
			},
			"container_stop_timeout": schema.Int64Attribute{
				CustomType:          wholenumber.Type{},
				MarkdownDescription: fmt.Sprintf("How long a delegate has to finish its tasks when it is replaced, in seconds (`CONTAINER_STOP_TIMEOUT`). Defaults to `%d`.", spec.DefaultStopTimeout),
				Optional:            true,
				Computed:            true,
				Default:             int64default.StaticInt64(spec.DefaultStopTimeout),
				Validators:          []validator.Int64{int64validator.AtLeast(0)},
			},
			"network_mode": schema.StringAttribute{
				MarkdownDescription: "Network of the container: `bridge`, `host`, `none`, `container:NAME`, or the name of a network that exists. Defaults to the engine's.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"labels": schema.MapAttribute{
				MarkdownDescription: "Labels of the container. Other labels are not changed.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators:          []validator.Map{mapvalidator.KeysAre(containerLabel())},
			},
			"env": schema.MapAttribute{
				MarkdownDescription: "Additional environment variables of the upgrader.",
				Optional:            true,
				ElementType:         types.StringType,
				Validators:          []validator.Map{mapvalidator.KeysAre(notReserved(container.Variables()))},
			},
			"log_driver": schema.StringAttribute{
				MarkdownDescription: "Log driver of the container, such as `json-file` or `local`. Defaults to the engine's.",
				Optional:            true,
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
			},
			"log_opts": schema.MapAttribute{
				MarkdownDescription: "Options of the log driver, such as `{ max-size = \"10m\" }`.",
				Optional:            true,
				ElementType:         types.StringType,
			},
			"pull_policy": schema.StringAttribute{
				MarkdownDescription: fmt.Sprintf("When the upgrader's image is pulled before the container is created: `always`, `missing` or `never`. A moved tag doesn't replace a running container. Defaults to `%s`.", spec.DefaultPullPolicy),
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(spec.DefaultPullPolicy),
				Validators:          []validator.String{stringvalidator.OneOf(spec.PullAlways, spec.PullMissing, spec.PullNever)},
			},
		},
	}
}

// containerLabel refuses the keys that docker run refuses, and those of this
// provider.
func containerLabel() validator.String {
	return check{"Invalid Label", "must be a label's key without blanks and equals signs, such as com.example.team", func(key string) error {
		switch {
		case key == "":
			return fmt.Errorf("it is empty")
		case strings.ContainsFunc(key, unicode.IsSpace) || strings.Contains(key, "="):
			return fmt.Errorf("it has a blank or an equals sign")
		case container.ReservedLabel(key):
			return fmt.Errorf("this provider sets it")
		default:
			return nil
		}
	}}
}
