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
		"id": textAttribute("Account, organization, project and name, as far as there are any, with slashes between them: unique in a list, and so a key for `for_each`. " +
			"Names in parentheses stand for an organization or project whose identifier could not be seen."),
		"identifier":  textAttribute("The identifier that the Manager knows the delegate by. Null without `group_details`, or where the Manager doesn't tell."),
		"type":        textAttribute("How it was installed, such as `KUBERNETES`, `HELM_DELEGATE` or `DOCKER`."),
		"description": textAttribute("Its description."),
		"tags": schema.SetAttribute{
			MarkdownDescription: "Its delegate tags. The Manager counts the name in lower case among them.",
			Computed:            true,
			ElementType:         types.StringType,
		},
		"org_name":     textAttribute("Name of its organization, null where the Manager tells none."),
		"project_name": textAttribute("Name of its project, null where the Manager tells none."),
		"connected": schema.BoolAttribute{
			MarkdownDescription: "Whether at least one replica has sent a heartbeat in the last few minutes.",
			Computed:            true,
		},
		"last_heartbeat": timeAttribute("When a replica last sent a heartbeat (RFC 3339, UTC). Null is never."),
		"auto_upgrade": textAttribute("`ON` if an upgrader has asked for its image within the last 90 minutes, `OFF` if none has, `DETECTING` while it is too young to tell, or what a newer Manager says. " +
			"It doesn't tell which image is run. On Docker, Managers may say `OFF` whatever an upgrader does; and they say `ON` of a delegate without replicas."),
		"upgrader_last_asked": timeAttribute("When an upgrader last asked for its image (RFC 3339, UTC). Null is never, without `group_details`, or where the Manager doesn't tell."),
		"legacy": schema.BoolAttribute{
			MarkdownDescription: "Whether it runs the legacy image, which upgrades itself. Managers say so of a delegate without replicas, too.",
			Computed:            true,
		},
		"replicas": schema.ListNestedAttribute{
			MarkdownDescription: "Its instances. One that is gone stays in the list for a while, not connected.",
			Computed:            true,
			NestedObject:        schema.NestedAttributeObject{Attributes: replicaAttributes()},
		},
		"version": textAttribute("The oldest version among the connected replicas, or among all where none is connected. One that tells no release, such as a legacy one, counts as the oldest. Null without replicas."),
		"release_year": schema.Int64Attribute{
			MarkdownDescription: "Year of the release of `version`, with four digits. Null, as are month, support dates and `support_status`, where the version is not of the form `yy.mm.build`.",
			Computed:            true,
		},
		"release_month": schema.Int64Attribute{
			MarkdownDescription: "Month of the release, 1 to 12.",
			Computed:            true,
		},
		"end_of_support": timeAttribute("From when on `version` gets no product fixes by the published policy: the first day of the sixth month after the release month (RFC 3339, UTC)."),
		"end_of_life":    timeAttribute("From when on `version` gets no security fixes by the published policy: the first day of the eighth month after the release month (RFC 3339, UTC)."),
		"support_status": textAttribute("At the time of reading, by the Manager's clock: `supported`, `end_of_support` (security fixes only) or `end_of_life` (no fixes)."),
	})
	return others
}

// entryAttributes describes an entryModel.
func entryAttributes() map[string]schema.Attribute {
	return observedAttributes(map[string]schema.Attribute{
		"name":              textAttribute("Name of the delegate."),
		scopeattr.AccountID: textAttribute("Identifier of its account."),
		scopeattr.OrgID:     textAttribute("Identifier of its organization. Null for a delegate of the account, and where the identifier could not be seen."),
		scopeattr.ProjectID: textAttribute("Identifier of its project. Null for a delegate of the account or an organization, and where the identifier could not be seen."),
	})
}

func replicaAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"uuid":      textAttribute("The Manager's identifier of the replica; another one after each start."),
		"host_name": textAttribute("Its host name; on Kubernetes, the name of its pod."),
		"version":   textAttribute("The version that it runs."),
		"connected": schema.BoolAttribute{
			MarkdownDescription: "Whether it has sent a heartbeat in the last few minutes.",
			Computed:            true,
		},
		"last_heartbeat": timeAttribute("When it last sent a heartbeat (RFC 3339, UTC)."),
		"manager_expires_at": timeAttribute("When the Manager would take the version for expired (RFC 3339, UTC), which its user interface shows. " +
			"It counts anew from the moment of each request, so that it moves along with the clock, and is neither `end_of_support` nor `end_of_life`. Don't plan by it."),
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
		MarkdownDescription: "Whether to look up `identifier` and `upgrader_last_asked`, which takes one more request for each scope that has matching delegates. " +
			"It goes to an endpoint that no API description covers; where a Manager refuses it, a warning says so, and `false` ends that. Defaults to `true`.",
		Optional: true,
	}
}
