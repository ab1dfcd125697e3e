// Package usage is how the launcher tells the benchmark what a provider's
// process has used: one line in a file when the provider starts, and one when
// it has ended.
package usage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	// EnvBinary names the provider that the launcher starts.
	EnvBinary = "BENCH_PROBE_BINARY"
	// EnvFile names the file that the launcher appends to.
	EnvFile = "BENCH_PROBE_FILE"
)

// Record is what one process has used.
type Record struct {
	// Ended is false in the line that the start leaves.
	Ended bool `json:"ended"`
	// CPU is the time on a core, in the program and in the kernel for it.
	CPU time.Duration `json:"cpu"`
	// MaxRSS is the most memory that was resident, in KiB.
	MaxRSS int64 `json:"maxRss"`
}

// Of reads what the kernel has counted for a process that has ended.
func Of(state *os.ProcessState) (Record, error) {
	most, err := maxRSS(state)
	if err != nil {
		return Record{}, err
	}
	return Record{Ended: true, CPU: state.UserTime() + state.SystemTime(), MaxRSS: most}, nil
}

// Append adds a line to the file. Lines of several processes don't mix: each
// is one short write at the file's end.
func Append(name string, record Record) error {
	line, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("encoding a record: %w", err)
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // the benchmark names the file
	if err != nil {
		return fmt.Errorf("opening the records: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	if err = errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("writing a record: %w", err)
	}
	return nil
}

// Total is what the processes of one run of Terraform have used.
type Total struct {
	// Processes is how many there were.
	Processes int
	// CPU is the sum.
	CPU time.Duration
	// MaxRSS is the largest of them, in KiB.
	MaxRSS int64
}

// Read sums up a file. A process that left no line at its end was killed
// together with its launcher; the sum would then be too low, so that is an
// error.
func Read(name string) (Total, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the benchmark names the file
	if err != nil {
		return Total{}, fmt.Errorf("reading the records: %w", err)
	}
	var (
		total   Total
		started int
	)
	for line := range bytes.Lines(text) {
		var record Record
		if err := json.Unmarshal(line, &record); err != nil {
			return Total{}, fmt.Errorf("decoding the records: %w", err)
		}
		if !record.Ended {
			started++
			continue
		}
		total.Processes++
		total.CPU += record.CPU
		total.MaxRSS = max(total.MaxRSS, record.MaxRSS)
	}
	if started == 0 || started != total.Processes {
		return Total{}, fmt.Errorf("%d processes started, but %d told what they used", started, total.Processes)
	}
	return total, nil
}
