package process

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/semroute/semroute/bench/measure"
)

// sampleEvery is how often the memory is read where its peak is wanted.
const sampleEvery = 200 * time.Millisecond

// Resident is the memory of the process that is in RAM, in bytes.
func (s *Server) Resident() (float64, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(s.process.Process.Pid), "status"))
	if err != nil {
		return 0, measure.Skip("memory of a process is read from /proc, which is not here")
	}
	_, rest, found := strings.Cut(string(raw), "VmRSS:")
	fields := strings.Fields(rest)
	if !found || len(fields) == 0 {
		return 0, fmt.Errorf("%w: no VmRSS in its status", ErrEnded)
	}
	kilobytes, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		return 0, fmt.Errorf("memory of the process: %w", err)
	}
	return kilobytes * 1024, nil
}

// MostResident returns the most memory that the process held until ctx ends.
func (s *Server) MostResident(ctx context.Context) float64 {
	most := 0.0
	for measure.Wait(ctx, sampleEvery) {
		if size, err := s.Resident(); err == nil {
			most = max(most, size)
		}
	}
	return most
}
