package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// expectNoSecret looks for the API key and for tokens in all that was printed,
// and in the files that Terraform has left. The tokens are write-only arguments.
func (s *stage) expectNoSecret() error {
	entries, err := os.ReadDir(s.terraform.Dir)
	if err != nil {
		return fmt.Errorf("looking for secrets: %w", err)
	}
	places := map[string]string{"the output": s.screen.seen.String()}
	for _, entry := range entries {
		if !entry.Type().IsRegular() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(s.terraform.Dir, entry.Name()))
		if err != nil {
			return fmt.Errorf("looking for secrets: %w", err)
		}
		places[entry.Name()] = string(text)
	}
	var leaks []string
	for place, text := range places {
		if slices.ContainsFunc(s.secrets, func(secret string) bool { return strings.Contains(text, secret) }) {
			leaks = append(leaks, place)
		}
	}
	slices.Sort(leaks)
	return expectEqual("places with a secret", leaks, nil)
}
