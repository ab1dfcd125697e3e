package upgrader

import (
	"context"
	"fmt"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/datasource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	framework "github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

const (
	attrDockerHost      = "docker_host"
	attrDelegateProblem = "delegate_problem"
)

// Schema implements datasource.DataSource.
func (d *statusDataSource) Schema(ctx context.Context, _ framework.SchemaRequest, resp *framework.SchemaResponse) {
	attributes := scopeattr.DataSourceAttributes(map[string]schema.Attribute{
		attrID: schema.StringAttribute{
			MarkdownDescription: "Where the upgrader is: `kubernetes/NAMESPACE/CRONJOB` or `docker/CONTAINER`. It is the `id` of `harnessdelegate_upgrader`; the upgrader may be anybody's.",
			Required:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		attrDockerHost: schema.StringAttribute{
			MarkdownDescription: "Address of the engine, where it is another than the provider's: what the upgrader has as `docker.host`. Docker only.",
			Optional:            true,
			Validators:          []validator.String{engineAddress()},
		},
		attrDelegateName: schema.StringAttribute{
			MarkdownDescription: "Name of the delegate that the Manager is asked about. Defaults to the one in the upgrader's own configuration.",
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	})
	for _, part := range []map[string]schema.Attribute{timingAttributes(), outcomeAttributes(), delegateAttributes()} {
		maps.Copy(attributes, part)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Tells how the upgrader of a delegate is doing, on Kubernetes or on Docker, and what the Harness Manager says of the delegate. It is made for `check` blocks.",
		Attributes:          attributes,
		Blocks:              map[string]schema.Block{attrTimeouts: statusTimeouts(ctx)},
	}
}

func statusTimeouts(ctx context.Context) schema.Block {
	block := timeouts.BlockWithOpts(ctx, timeouts.Opts{
		ReadDescription: fmt.Sprintf("How long reading may take, as a duration such as `30s` or `10m`. Defaults to `%s`.", defaultTimeoutText),
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "How long reading may take."
		return nested
	}
	return block
}

// timingAttributes say when runs start.
func timingAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		attrImage:    computedText("The upgrader's own image."),
		attrSchedule: computedText("When the upgrader runs, as a cron expression."),
		"timezone":   computedText("The time zone of the schedule: the CronJob's own, on Docker the container's variable `TZ`. Null where none is set; runs are then told in UTC."),
		"suspended": schema.BoolAttribute{
			MarkdownDescription: "Whether the upgrader is kept from upgrading: a suspended CronJob, on Docker `DISABLE_AUTO_UPGRADE`.",
			Computed:            true,
		},
		"next_run": computedTime("When the next run is due by schedule and time zone, counted from the clock of the machine that runs Terraform (RFC 3339, UTC). Null for an upgrader that starts none."),
	}
}

// outcomeAttributes say how runs have ended.
func outcomeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"last_run":     computedTime("When the last run began (RFC 3339, UTC). Null if there was none, and on Docker, where runs can't be seen from outside."),
		"last_success": computedTime("When the last run that succeeded ended (RFC 3339, UTC). Null if there was none, and on Docker. That a run succeeded doesn't mean that it has changed an image."),
		"last_failure": schema.SingleNestedAttribute{
			MarkdownDescription: "The last run that has failed, or the one that is stuck; on Docker, how the container has ended last. Null if none is known: Kubernetes keeps one failed Job unless told otherwise.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"time":   computedTime("When the run ended (RFC 3339, UTC); for one that is stuck, when it began."),
				"reason": computedText("The platform's word for it, such as `ImagePullBackOff`, `OOMKilled`, `Error` for a program that has failed, or `BackoffLimitExceeded` where no more is known."),
				"exit_code": schema.Int64Attribute{
					MarkdownDescription: "Exit code of the upgrader. Null if no program has ended.",
					Computed:            true,
				},
				"message": computedText("What else is known, in sentences, without token and proxy password where these can be read."),
			},
		},
		"running": schema.BoolAttribute{
			MarkdownDescription: "Whether a run is under way; on Docker, whether the container runs.",
			Computed:            true,
		},
		"container": schema.SingleNestedAttribute{
			MarkdownDescription: "The upgrader's container on Docker. Null on Kubernetes.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"state":      computedText("The engine's word for its state, such as `running`, `restarting` or `exited`."),
				"started_at": computedTime("When it was started last (RFC 3339, UTC). Null if it never was."),
				"restarts": schema.Int64Attribute{
					MarkdownDescription: "How often the engine has started it again after it had ended by itself.",
					Computed:            true,
				},
			},
		},
		"healthy": schema.BoolAttribute{
			MarkdownDescription: "Whether nothing is known that keeps the upgrader from upgrading. What the Manager says of the delegate has no part in it.",
			Computed:            true,
		},
		"problem": computedText("What keeps the upgrader from upgrading, in sentences. Null if it is healthy."),
	}
}

// delegateAttributes are the Manager's side.
func delegateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"delegate": schema.SingleNestedAttribute{
			MarkdownDescription: "The delegate as the Manager lists it, at exactly the scope of `account_id`, `org_id` and `project_id`. Null where it can't be told; `delegate_problem` then says why.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"connected": schema.BoolAttribute{
					MarkdownDescription: "Whether any replica is connected.",
					Computed:            true,
				},
				"last_heartbeat": computedTime("When the Manager last heard of it (RFC 3339, UTC). Null if it never did."),
				"auto_upgrade":   computedText("Whether an upgrader has asked for it lately: `ON`, `OFF` or `DETECTING`, or what a newer Manager says. The Manager may show delegates on Docker as `OFF` in any case."),
				"replicas": schema.ListNestedAttribute{
					MarkdownDescription: "The running instances.",
					Computed:            true,
					NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
						"host_name": computedText("Name of the pod or host."),
						"version":   computedText("The delegate version that it runs."),
						"connected": schema.BoolAttribute{
							MarkdownDescription: "Whether it is connected.",
							Computed:            true,
						},
						"last_heartbeat": computedTime("When the Manager last heard of it (RFC 3339, UTC). Null if it never did."),
					}},
				},
			},
		},
		attrDelegateProblem: computedText("Why `delegate` is null: the provider has no connection to the Manager, the Manager refuses, or it lists no such delegate at the scope. Null otherwise."),
	}
}

func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedTime(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
}
