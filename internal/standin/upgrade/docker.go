package upgrade

import (
	"context"
	"log"
	"os"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin"
)

// runDocker makes a round at each time of the schedule, and whenever it is asked for one, until the context ends.
// A round that goes wrong is not the end: the next one may go well.
func runDocker(ctx context.Context, h Host, logger *log.Logger) error {
	settings, err := standin.DecodeSettings(h.Lookup)
	if err != nil {
		return err
	}
	atStart, err := h.enabled("STANDIN_RUN_AT_START")
	if err != nil {
		return err
	}
	m, err := newManager(h, access{
		address: settings.ManagerHost, accountID: settings.AccountID, token: settings.Token, proxy: settings.Proxy,
	}, logger.Printf)
	if err != nil {
		return err
	}
	logger.Printf("upgrader of the containers of delegate %s, automatic upgrade is %s",
		settings.WorkloadName, map[bool]string{true: "off", false: "on"}[settings.HealthOnly])
	for once := atStart; ; once = true {
		if once {
			makeRound(ctx, round{settings: settings, manager: m, logger: logger}, h.path(engineSocket))
		}
		if !waitForNext(ctx, settings, h.Now, logger) {
			logger.Print("told to stop")
			return nil
		}
	}
}

func makeRound(ctx context.Context, r round, socket string) {
	engine, err := newEngine(ctx, socket)
	if err == nil {
		r.engine = engine
		err = r.run(ctx)
	}
	if err != nil {
		r.logger.Printf("the round failed: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
}

// waitForNext waits for the next round, and reports whether there is going to be one.
func waitForNext(ctx context.Context, settings standin.Settings, now <-chan os.Signal, logger *log.Logger) bool {
	next := settings.Schedule.Next(time.Now())
	var due <-chan time.Time
	if next.IsZero() {
		logger.Print("the schedule has no next time")
	} else {
		logger.Printf("next round at %s", next.Format(time.RFC3339))
		timer := time.NewTimer(time.Until(next))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-now:
		logger.Print("asked for a round")
	case <-due:
	}
	return ctx.Err() == nil
}
