package simulator

import (
	"slices"
	"strings"
)

const (
	// defaultPageSize is how many entries a page holds if the request does not say.
	defaultPageSize = 50
	// defaultMaxPageSize is how many it holds at most unless Behaviour says otherwise.
	defaultMaxPageSize = 100
)

// page is one page of a list. Pages are counted from 0.
type page[T any] struct {
	TotalPages    int  `json:"totalPages"`
	TotalItems    int  `json:"totalItems"`
	PageItemCount int  `json:"pageItemCount"`
	PageSize      int  `json:"pageSize"`
	Content       []T  `json:"content"`
	PageIndex     int  `json:"pageIndex"`
	Empty         bool `json:"empty"`
}

// pageOf cuts a page of a positive size out of a list. A page behind the last one is empty.
func pageOf[T any](all []T, index, size int) page[T] {
	from := min(index*size, len(all))
	content := all[from:min(from+size, len(all))]
	return page[T]{
		TotalPages:    (len(all) + size - 1) / size,
		TotalItems:    len(all),
		PageItemCount: len(content),
		PageSize:      size,
		Content:       content,
		PageIndex:     index,
		Empty:         len(content) == 0,
	}
}

// pageAsked reads which page a request is for, and of what size; 0 as the missing size is a list without pages.
// Larger pages than the largest are cut to that. That a number too small breaks a constraint is an assumption.
func (s *Simulator) pageAsked(c *call, missingSize int) (index, size int, err error) {
	index, err = c.number("pageIndex", 0)
	if err != nil {
		return 0, 0, badParameter(s.behaviour.BadNumber)
	}
	size, err = c.number("pageSize", missingSize)
	if err != nil {
		return 0, 0, badParameter(s.behaviour.BadNumber)
	}
	var broken constraints
	broken.need(index >= 0, "pageIndex", "must be greater than or equal to 0")
	broken.need(size >= min(missingSize, 1), "pageSize", "must be greater than or equal to 1")
	largest := s.behaviour.MaxPageSize
	if largest == 0 {
		largest = defaultMaxPageSize
	}
	return index, min(size, largest), broken.err()
}

// mentions reports whether one of the texts contains the term, in any case.
func mentions(term string, texts ...string) bool {
	term = strings.ToLower(term)
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(strings.ToLower(text), term) })
}
