package usage_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/bench/usage"
)

func TestRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "records")
	for _, record := range []usage.Record{
		{},
		{Ended: true, CPU: 30 * time.Millisecond, MaxRSS: 2000},
		{},
		{Ended: true, CPU: 12 * time.Millisecond, MaxRSS: 1000},
	} {
		if err := usage.Append(file, record); err != nil {
			t.Fatal(err)
		}
	}
	got, err := usage.Read(file)
	want := usage.Total{Processes: 2, CPU: 42 * time.Millisecond, MaxRSS: 2000}
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

func TestRead_lost(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "records")
	if err := usage.Append(file, usage.Record{}); err != nil {
		t.Fatal(err)
	}
	if total, err := usage.Read(file); err == nil {
		t.Errorf("got %+v without the record of the process's end", total)
	}
}
