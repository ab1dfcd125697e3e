package delegates

import (
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/scopeattr"
)

// The types of nested objects, as the schema has them.
var (
	replicaTypes = sync.OnceValue(func() map[string]attr.Type { return typesOf(replicaAttributes()) })
	entryTypes   = sync.OnceValue(func() map[string]attr.Type { return typesOf(entryAttributes()) })
)

func typesOf(attributes map[string]schema.Attribute) map[string]attr.Type {
	found := make(map[string]attr.Type, len(attributes))
	for name, attribute := range attributes {
		found[name] = attribute.GetType()
	}
	return found
}

// listOf makes the value of a list of delegates. The framework would make it of
// the models as well, but looks at the tags of each struct again for each of
// thousands.
func listOf(entries []entryModel) types.List {
	objects := make([]attr.Value, len(entries))
	for i, entry := range entries {
		objects[i] = types.ObjectValueMust(entryTypes(), entry.values())
	}
	return types.ListValueMust(types.ObjectType{AttrTypes: entryTypes()}, objects)
}

func (m entryModel) values() map[string]attr.Value {
	replicas := make([]attr.Value, len(m.Replicas))
	for i, r := range m.Replicas {
		replicas[i] = types.ObjectValueMust(replicaTypes(), r.values())
	}
	return map[string]attr.Value{
		"id":                  m.ID,
		"name":                m.Name,
		scopeattr.AccountID:   m.AccountID,
		scopeattr.OrgID:       m.OrgID,
		scopeattr.ProjectID:   m.ProjectID,
		"identifier":          m.Identifier,
		"type":                m.Type,
		"description":         m.Description,
		"tags":                m.Tags,
		"org_name":            m.OrgName,
		"project_name":        m.ProjectName,
		"connected":           m.Connected,
		"last_heartbeat":      m.LastHeartbeat,
		"auto_upgrade":        m.AutoUpgrade,
		"upgrader_last_asked": m.UpgraderLastAsked,
		"legacy":              m.Legacy,
		"replicas":            types.ListValueMust(types.ObjectType{AttrTypes: replicaTypes()}, replicas),
		"version":             m.Version,
		"release_year":        m.ReleaseYear,
		"release_month":       m.ReleaseMonth,
		"end_of_support":      m.EndOfSupport,
		"end_of_life":         m.EndOfLife,
		"support_status":      m.SupportStatus,
	}
}

func (m replicaModel) values() map[string]attr.Value {
	return map[string]attr.Value{
		"uuid":               m.UUID,
		"host_name":          m.HostName,
		"version":            m.Version,
		"connected":          m.Connected,
		"last_heartbeat":     m.LastHeartbeat,
		"manager_expires_at": m.ManagerExpiresAt,
	}
}
