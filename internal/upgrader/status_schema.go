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
			MarkdownDescription: "ID of the upgrader: `kubernetes/NAMESPACE/CRONJOB` or `docker/CONTAINER`. It is the `id` of `harnessdelegate_upgrader`. Terraform doesn't have to manage the upgrader.",
			Required:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
		attrDockerHost: schema.StringAttribute{
			MarkdownDescription: "Address of the engine, if it differs from the provider's (`docker.host` of the upgrader). Docker only.",
			Optional:            true,
			Validators:          []validator.String{engineAddress()},
		},
		attrDelegateName: schema.StringAttribute{
			MarkdownDescription: "Name of the delegate in the Manager. Defaults to the one in the upgrader's configuration.",
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	})
	for _, part := range []map[string]schema.Attribute{timingAttributes(), outcomeAttributes(), delegateAttributes()} {
		maps.Copy(attributes, part)
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Returns the health of a delegate's upgrader on Kubernetes or Docker, and the status of the delegate in the Harness Manager. Made for `check` blocks.",
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
		"timezone":   computedText("The time zone of the schedule: of the CronJob, or the container's variable `TZ` on Docker. Null if none is set, which means UTC."),
		"suspended": schema.BoolAttribute{
			MarkdownDescription: "Whether the CronJob is suspended; on Docker, whether `DISABLE_AUTO_UPGRADE` is set.",
			Computed:            true,
		},
		"next_run": computedTime("When the next run is due, from the clock of the machine that runs Terraform (RFC 3339, UTC). Null if no run will start."),
	}
}

// outcomeAttributes say how runs have ended.
func outcomeAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"last_run":     computedTime("When the last run started (RFC 3339, UTC). Null if there was none, and on Docker, where runs aren't visible from outside."),
		"last_success": computedTime("When the last successful run ended (RFC 3339, UTC). Null if there was none, and on Docker. A successful run doesn't necessarily change an image."),
		"last_failure": schema.SingleNestedAttribute{
			MarkdownDescription: "The last failed run, or a run that is stuck; on Docker, the last exit of the container. Null if none is known. By default, Kubernetes keeps one failed Job.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"time":   computedTime("When the run ended, or when it started if it is stuck (RFC 3339, UTC)."),
				"reason": computedText("The platform's reason, such as `ImagePullBackOff`, `OOMKilled`, `Error` for a failed program, or `BackoffLimitExceeded` without details."),
				"exit_code": schema.Int64Attribute{
					MarkdownDescription: "Exit code of the upgrader. Null if no program has ended.",
					Computed:            true,
				},
				"message": computedText("Details. Token and proxy password are masked."),
			},
		},
		"running": schema.BoolAttribute{
			MarkdownDescription: "Whether a run is active; on Docker, whether the container runs.",
			Computed:            true,
		},
		"container": schema.SingleNestedAttribute{
			MarkdownDescription: "The upgrader's container on Docker. Null on Kubernetes.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"state":      computedText("State of the container, such as `running`, `restarting` or `exited`."),
				"started_at": computedTime("When it was last started (RFC 3339, UTC). Null if never."),
				"restarts": schema.Int64Attribute{
					MarkdownDescription: "Number of automatic restarts.",
					Computed:            true,
				},
			},
		},
		"healthy": schema.BoolAttribute{
			MarkdownDescription: "Whether no problem is known that keeps the upgrader from upgrading. Independent of the Manager.",
			Computed:            true,
		},
		"problem": computedText("What keeps the upgrader from upgrading. Null if it is healthy."),
	}
}

// delegateAttributes are the Manager's side.
func delegateAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"delegate": schema.SingleNestedAttribute{
			MarkdownDescription: "The delegate in the Manager, at exactly the scope of `account_id`, `org_id` and `project_id`. Null if it can't be read; `delegate_problem` then contains the reason.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"connected": schema.BoolAttribute{
					MarkdownDescription: "Whether any replica is connected.",
					Computed:            true,
				},
				"last_heartbeat": computedTime("When it last sent a heartbeat (RFC 3339, UTC). Null if never."),
				"auto_upgrade":   computedText("Auto-upgrade status: `ON`, `OFF`, `DETECTING`, or another value of a newer Manager. On Docker, it may be `OFF` in any case."),
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
						"last_heartbeat": computedTime("When it last sent a heartbeat (RFC 3339, UTC). Null if never."),
					}},
				},
			},
		},
		attrDelegateProblem: computedText("Why `delegate` is null: no connection to the Manager is configured, the Manager refuses access, or the scope has no such delegate. Null otherwise."),
	}
}

func computedText(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedTime(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
}
