package upgrader

import "slices"

// inOrder gives the members of some in the order of all.
func inOrder(all, some []string) []string {
	result := make([]string, 0, len(some))
	for _, member := range all {
		if slices.Contains(some, member) {
			result = append(result, member)
		}
	}
	return result
}

// sameSet tells whether two lists without repetitions have the same members.
func sameSet(a, b []string) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(member string) bool { return !slices.Contains(b, member) })
}
