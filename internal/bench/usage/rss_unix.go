//go:build unix

package usage

import (
	"errors"
	"os"
	"runtime"
	"syscall"
)

// maxRSS gives the most memory that was resident, in KiB.
func maxRSS(state *os.ProcessState) (int64, error) {
	counted, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the system did not count what the process used")
	}
	most := int64(counted.Maxrss) //nolint:unconvert // it is an int32 on some systems
	if runtime.GOOS == "darwin" { // which counts in bytes
		most >>= 10
	}
	return most, nil
}
