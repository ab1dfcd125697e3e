package container

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/moby/moby/api/pkg/stdcopy"
	api "github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// RunOnce implements spec.Platform.
//
// A Docker upgrader has its schedule inside: nothing from outside can make it
// start a run, so none is started. What is checked is that the container stays
// up for a while without a restart, which an upgrader with wrong settings, or one
// that can't use the engine's socket, doesn't. Whether it could upgrade the
// delegate shows at its next run, in its log and in Harness.
func (p *platform) RunOnce(ctx context.Context, have spec.Upgrader) error {
	t := p.task(spec.Change{Want: have})
	doing := t.doing("see that the upgrader stays up in", have.Docker.Name)
	c, found, err := p.inspect(ctx, have.Docker.Name)
	if err == nil && !found {
		err = errGone
	}
	if err != nil {
		return t.fail(doing, err)
	}
	t.hideLive(c)
	return t.staysUp(ctx, doing, c.ID, p.watch, false)
}

// Bounds of the time between two looks at a container.
const (
	lookOften  = 10 * time.Millisecond
	lookSeldom = 250 * time.Millisecond
)

// staysUp waits until a container has run for a time without an end in between,
// and fails with the last lines of its log if it hasn't. A new container may have
// been restarted before the first look.
func (t *task) staysUp(ctx context.Context, doing, id string, long time.Duration, isNew bool) error {
	over := time.NewTimer(long)
	defer over.Stop()
	tick := time.NewTicker(max(lookOften, min(long/10, lookSeldom)))
	defer tick.Stop()
	var first *api.InspectResponse
	for last := false; ; {
		c, found, err := t.inspect(ctx, id)
		if err == nil && !found {
			err = errGone
		}
		if err != nil {
			return t.fail(doing, err)
		}
		if first == nil {
			first = c
		}
		restarted := c.RestartCount > first.RestartCount || isNew && c.RestartCount > 0 || c.State.StartedAt != first.State.StartedAt
		// A busy engine may tell of a pause that is over. It counts if it lasts.
		settled := status(c.State) == api.StateRunning || status(c.State) == api.StatePaused && !last
		if !settled || restarted {
			return t.ended(ctx, doing, c)
		}
		if last {
			return nil
		}
		select {
		case <-ctx.Done():
			return t.fail(doing, ctx.Err())
		case <-over.C:
			last = true // and one more look
		case <-tick.C:
		}
	}
}

// ended says how a container has ended, in its own words where it has any.
func (t *task) ended(ctx context.Context, doing string, c *api.InspectResponse) error {
	text := "it " + t.hidden.Hide(ended(c.State, false))
	switch status(c.State) {
	case api.StatePaused:
		text = "it is paused"
	case api.StateRunning:
		text = "it has ended, and was started again"
	default:
	}
	if log := t.tail(ctx, c); log != "" {
		text += "; the last lines of its log:\n\n" + unended(t.hidden.Hide(log))
	} else {
		text += "; its log is empty"
	}
	return &spec.Failure{
		Doing:  doing,
		Reason: text,
		Advice: "An upgrader runs until it is stopped. Check the image, its settings and the path of the engine's socket.",
	}
}

const (
	tailLines = 20
	tailBytes = 64 * 1024
)

// tail is the last lines of a container's log, or why there are none.
func (t *task) tail(ctx context.Context, c *api.InspectResponse) string {
	stream, err := ask(ctx, func() (client.ContainerLogsResult, error) {
		return t.engine.ContainerLogs(ctx, c.ID, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: strconv.Itoa(tailLines)})
	})
	if err != nil {
		return "(can't be read: " + reason(err) + ")"
	}
	defer func() { _ = stream.Close() }()
	var text bytes.Buffer
	limited := io.LimitReader(stream, tailBytes)
	if c.Config.Tty {
		_, err = io.Copy(&text, limited)
	} else {
		_, err = stdcopy.StdCopy(&text, &text, limited)
	}
	if err != nil && text.Len() == 0 {
		return "(can't be read: " + err.Error() + ")"
	}
	lines := strings.Split(strings.TrimSpace(strings.Map(printable, text.String())), "\n")
	return strings.Join(lines[max(0, len(lines)-tailLines):], "\n")
}

// printable drops what would move the cursor of a terminal.
func printable(r rune) rune {
	if r == '\n' || r == '\t' || unicode.IsPrint(r) {
		return r
	}
	return -1
}
