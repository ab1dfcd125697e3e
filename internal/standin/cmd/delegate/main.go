// Command delegate stands in for a delegate: it is there until it is told to end. It connects to nothing.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	version := flag.String("version", "unknown", "the version it claims to be")
	drain := flag.Duration("drain", 0, "how long its tasks take to finish after SIGTERM")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Printf("delegate %s, version %s, is up\n", cmp.Or(os.Getenv("DELEGATE_NAME"), "without a name"), *version)
	<-ctx.Done()
	fmt.Printf("delegate ends after its tasks, in %s\n", *drain)
	<-time.After(*drain)
	fmt.Println("delegate has ended")
}
