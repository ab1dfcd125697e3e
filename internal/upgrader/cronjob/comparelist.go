package cronjob

import (
	"fmt"
	"slices"
)

// named are the lists that server-side apply merges by the name of their
// entries, so that others may have entries of their own.
var named = map[string]string{
	"containers":       "name",
	"env":              "name",
	"volumes":          "name",
	"imagePullSecrets": "name",
	"volumeMounts":     "mountPath",
}

var lastName = lazily(`[A-Za-z]*$`)

func (c *comparison) list(path string, want, live []any) {
	name := lastName().FindString(path)
	switch field, merged := named[name]; {
	case merged:
		// A container may have ports and probes of others; of the other entries
		// every field says what they are.
		c.named(path, field, want, live, name != "containers")
	case scalars(want) && scalars(live):
		c.set(path, want, live)
	default:
		c.whole(path, want, live)
	}
}

func (c *comparison) named(path, field string, want, live []any, exact bool) {
	for _, entry := range want {
		wanted, _ := entry.(map[string]any)
		name := textAt(wanted, field)
		at := fmt.Sprintf("%s[%q]", path, name)
		if fields, ok := item(live, field, name); ok {
			c.fields(at, wanted, fields, exact)
		} else {
			c.add(at, "is missing")
		}
	}
}

// set compares a list in which order says nothing.
func (c *comparison) set(path string, want, live []any) {
	for _, value := range want {
		if !containsValue(live, value) {
			c.add(path, "lacks %s", describe(value))
		}
	}
	for _, value := range live {
		if !containsValue(want, value) {
			c.add(path, "has an extra %s", describe(value))
		}
	}
}

// whole compares a list that is one field for server-side apply, and therefore
// all ours. Entries that have become others are told by what has changed in them.
func (c *comparison) whole(path string, want, live []any) {
	missing, extra := unmatched(want, live)
	for _, pair := range pairs(want, live, missing, extra) {
		c.value(fmt.Sprintf("%s[%d]", path, pair[1]), want[pair[0]], live[pair[1]], true, true)
		missing = slices.DeleteFunc(missing, func(i int) bool { return i == pair[0] })
		extra = slices.DeleteFunc(extra, func(i int) bool { return i == pair[1] })
	}
	for _, i := range missing {
		c.add(path, "lacks an entry %s", describe(want[i]))
	}
	for _, i := range extra {
		c.add(path, "has an extra entry %s", describe(live[i]))
	}
}

// unmatched are the indexes of the entries that have no equal.
func unmatched(want, live []any) (missing, extra []int) {
	for i := range live {
		extra = append(extra, i)
	}
	for i, entry := range want {
		j := slices.IndexFunc(extra, func(j int) bool { return equal(entry, live[j]) })
		if j < 0 {
			missing = append(missing, i)
			continue
		}
		extra = slices.Delete(extra, j, j+1)
	}
	return missing, extra
}

// pairs guesses which entries are changed ones: rules that are about the same
// resources, and otherwise entries in the same order if none was added or
// removed.
func pairs(want, live []any, missing, extra []int) [][2]int {
	var found [][2]int
	taken := map[int]bool{}
	rules := false
	for _, i := range missing {
		about, isRule := at(asMap(want[i]), "resources")
		rules = rules || isRule
		for _, j := range extra {
			if isRule && !taken[j] && equal(about, asMap(live[j])["resources"]) {
				found = append(found, [2]int{i, j})
				taken[j] = true
				break
			}
		}
	}
	if !rules && len(missing) == len(extra) {
		for n, i := range missing {
			found = append(found, [2]int{i, extra[n]})
		}
	}
	return found
}

func asMap(value any) map[string]any {
	fields, _ := value.(map[string]any)
	return fields
}

func scalars(list []any) bool {
	return !slices.ContainsFunc(list, func(value any) bool {
		switch value.(type) {
		case map[string]any, []any:
			return true
		default:
			return false
		}
	})
}

func containsValue(list []any, value any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return plainValue(other) == plainValue(value) })
}
