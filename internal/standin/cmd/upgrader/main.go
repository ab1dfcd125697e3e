// Command upgrader stands in for the vendor's upgrader; see package standin.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/standin/upgrade"
)

func main() {
	if err := run(); err != nil {
		fmt.Println("upgrader failed:", strings.ReplaceAll(err.Error(), "\n", "; "))
		os.Exit(1)
	}
}

func run() error {
	for _, argument := range os.Args[1:] {
		name, value, isSetting := strings.Cut(argument, "=")
		if !isSetting {
			return fmt.Errorf("argument %q is not of the form NAME=value", argument)
		}
		if err := os.Setenv(name, value); err != nil {
			return fmt.Errorf("argument %q: %w", name, err)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	now := make(chan os.Signal, 1)
	signal.Notify(now, syscall.SIGUSR1)
	return upgrade.Run(ctx, upgrade.Host{Lookup: os.LookupEnv, Output: os.Stdout, Now: now})
}
