package delegates

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// observedAttributes describes an observedModel, with what else the caller has.
func observedAttributes(others map[string]schema.Attribute) map[string]schema.Attribute {
	maps.Copy(others, map[string]schema.Attribute{
		"id": textAttribute("Account, organization, project and name, separated by slashes. It is unique and can be a key for `for_each`. " +
			"If the key lacks access to an organization or project, its name in parentheses replaces the identifier."),
		"identifier":  textAttribute("The Manager's identifier of the delegate. Null without `group_details`, or if the Manager doesn't return it."),
		"type":        textAttribute("How it was installed, such as `KUBERNETES`, `HELM_DELEGATE` or `DOCKER`."),
		"description": textAttribute("Its description."),
		"tags": schema.SetAttribute{
			MarkdownDescription: "Its delegate tags, including its name in lower case.",
			Computed:            true,
			ElementType:         types.StringType,
		},
		"org_name":     textAttribute("Name of its organization. Null if the Manager returns none."),
		"project_name": textAttribute("Name of its project. Null if the Manager returns none."),
		"connected": schema.BoolAttribute{
			MarkdownDescription: "Whether at least one replica has sent a heartbeat in the last few minutes.",
			Computed:            true,
		},
		"last_heartbeat": timeAttribute("When a replica last sent a heartbeat (RFC 3339, UTC). Null if never."),
		"auto_upgrade": textAttribute("`ON` if an upgrader has asked for its image within the last 90 minutes, `OFF` if none has, `DETECTING` if the delegate is too new, or another value of a newer Manager. " +
			"It is independent of the image that runs. On Docker, it may be `OFF` in any case; without replicas it is `ON`."),
		"upgrader_last_asked": timeAttribute("When an upgrader last asked for its image (RFC 3339, UTC). Null if never, without `group_details`, or if the Manager doesn't return it."),
		"legacy": schema.BoolAttribute{
			MarkdownDescription: "Whether it runs a legacy image, which upgrades itself. Also true for a delegate without replicas.",
			Computed:            true,
		},
		"replicas": schema.ListNestedAttribute{
			MarkdownDescription: "Its replicas. A stopped replica stays in the list for some time, not connected.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: replicaAttributes()},
		},
		"version": textAttribute("The oldest version among the connected replicas, or among all if none is connected. A legacy version counts as the oldest. Null without replicas."),
		"release_year": schema.Int64Attribute{
			MarkdownDescription: "Year of the release of `version`, with four digits. Null, as are month, support dates and `support_status`, if the version does not have the form `yy.mm.build`.",
			Computed:            true,
		},
		"release_month": schema.Int64Attribute{
			MarkdownDescription: "Month of the release, 1 to 12.",
			Computed:            true,
		},
		"end_of_support": timeAttribute("When product fixes for `version` end, by the published policy: the first day of the sixth month after the release month (RFC 3339, UTC)."),
		"end_of_life":    timeAttribute("When security fixes for `version` end, by the published policy: the first day of the eighth month after the release month (RFC 3339, UTC)."),
		"support_status": textAttribute("At the time of reading, by the Manager's clock: `supported`, `end_of_support` (security fixes only) or `end_of_life` (no fixes)."),
	})
	return others
}

// entryAttributes describes an entryModel.
func entryAttributes() map[string]schema.Attribute {
	return observedAttributes(map[string]schema.Attribute{
		"name":              textAttribute("Name of the delegate."),
		scopeattr.AccountID: textAttribute("Identifier of its account."),
		scopeattr.OrgID:     textAttribute("Identifier of its organization. Null for a delegate of the account, or if the key lacks access."),
		scopeattr.ProjectID: textAttribute("Identifier of its project. Null for a delegate of the account or an organization, or if the key lacks access."),
	})
}

func replicaAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"uuid":      textAttribute("The Manager's identifier of the replica. It changes with each start."),
		"host_name": textAttribute("Its host name; on Kubernetes, the name of its pod."),
		"version":   textAttribute("The version that it runs."),
		"connected": schema.BoolAttribute{
			MarkdownDescription: "Whether it has sent a heartbeat in the last few minutes.",
			Computed:            true,
		},
		"last_heartbeat": timeAttribute("When it last sent a heartbeat (RFC 3339, UTC)."),
		"manager_expires_at": timeAttribute("When the version expires according to the Manager (RFC 3339, UTC), as in its user interface. " +
			"The Manager computes it on each request, so it changes constantly. Use `end_of_support` and `end_of_life` instead."),
	}
}

func textAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func timeAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true, CustomType: timetypes.RFC3339Type{}}
}

// detailsAttribute is the switch of what costs another request.
func detailsAttribute() schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "Whether to look up `identifier` and `upgrader_last_asked`, with one more request for each scope with matching delegates. " +
			"The endpoint is not in the API description. If the Manager refuses the request, there is a warning, which `false` avoids. Defaults to `true`.",
		Optional: true,
	}
}
