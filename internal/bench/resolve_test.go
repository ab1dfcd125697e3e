package main

import (
	"fmt"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// BenchmarkResolve resolves a delegate's image among more overrides than an
// account is likely to have.
func BenchmarkResolve(b *testing.B) {
	for _, scopes := range []int{5, 250} {
		b.Run(fmt.Sprintf("%d_overrides", 2*scopes), func(b *testing.B) {
			var overrides []delegate.Override
			for i := range scopes {
				scope := delegate.Scope{Account: account, Org: fmt.Sprintf(orgFormat, i/projectsPerOrg), Project: fmt.Sprintf("p%03d", i)}
				overrides = append(overrides,
					delegate.Override{Scope: scope, Image: "registry.example.com/harness/delegate:24.03.82600"},
					delegate.Override{Scope: scope, Image: "registry.example.com/harness/delegate:24.04.82804", Tags: delegate.NewTags("linux", "prod")})
			}
			reached := delegate.Delegate{Scope: overrides[0].Scope, Name: "build-1", Tags: delegate.NewTags("linux", "prod")}
			now := time.Date(2024, time.May, 15, 12, 0, 0, 0, time.UTC)
			for b.Loop() {
				if found := delegate.Resolve(reached, overrides, "", now); found.By == nil {
					b.Fatal("no override was found")
				}
			}
		})
	}
}
