package delegates

import "strings"

// maxTypos is how many letters a name may differ by to be shown as similar.
const maxTypos = 2

// resembles tells whether somebody who wrote one name may have meant the other.
func resembles(a, b string) bool {
	plain := strings.NewReplacer("_", "-", " ", "-", ".", "-")
	a, b = plain.Replace(strings.ToLower(a)), plain.Replace(strings.ToLower(b))
	return strings.Contains(a, b) || strings.Contains(b, a) || distance(a, b) <= maxTypos
}

// distance is how many letters have to be added, removed or changed to make one
// text of the other.
func distance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range from {
		diagonal := row[0]
		row[0] = i + 1
		for j, s := range to {
			changed := diagonal
			if r != s {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(to)]
}
