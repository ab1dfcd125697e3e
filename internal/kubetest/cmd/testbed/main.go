// Command testbed builds the Kubernetes control plane of the tests, which takes
// minutes the first time, so that no test has to wait for it, and prints its
// path. With -up it also runs one, prints the path of a kubeconfig, and ends
// when it is interrupted.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/kubetest"
)

func main() {
	up := flag.Bool("up", false, "run a control plane until interrupted")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, *up)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "testbed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, up bool) error {
	if !up {
		binary, err := kubetest.Binary(ctx, os.Stderr)
		if err == nil {
			fmt.Println(binary)
		}
		return err
	}
	cluster, err := kubetest.Start(ctx)
	if err != nil {
		return err
	}
	defer cluster.Stop()
	fmt.Println(cluster.Kubeconfig)
	<-ctx.Done()
	return nil
}
