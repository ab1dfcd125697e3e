// Command testbed is a Kubernetes control plane in one program, for the tests
// of the provider. It is a module of its own because Kubernetes can only be
// required together with a replacement for each of its parts, and so that its
// dependencies stay out of the provider.
//
// "testbed up DIR" runs a control plane; "testbed NAME ..." is one of its
// components, which is how "up" starts them.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // the time zones of CronJobs, where a machine has none

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

const usage = `usage: testbed up DIR
       testbed etcd|kube-apiserver|kube-controller-manager|kube-scheduler [FLAG...]

"up" runs a control plane whose files are in DIR, an empty or new folder. It
prints a line of JSON when everything is ready, obeys the commands on its
standard input, and ends, removing DIR, when that is closed.
`

func main() {
	os.Exit(run(os.Args[1:]))
}

// run does what the arguments say and returns the exit status.
func run(args []string) int {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	switch args[0] {
	case "up":
		if len(args) != 2 {
			break
		}
		if err := up(args[1], os.Stdin, os.Stdout, os.Stderr); err != nil {
			fmt.Fprintln(os.Stderr, "testbed:", err)
			return 1
		}
		return 0
	case etcd:
		etcdmain.Main(args) // ends the process itself
		return 0
	case kubeAPIServer:
		return component(apiserver.NewAPIServerCommand(), args[1:])
	case kubeControllerManager:
		return component(controllermanager.NewControllerManagerCommand(), args[1:])
	case kubeScheduler:
		return component(scheduler.NewSchedulerCommand(), args[1:])
	}
	fmt.Fprint(os.Stderr, usage)
	return 2
}

// component runs a component of Kubernetes as its own main function does.
func component(command *cobra.Command, args []string) int {
	command.SetArgs(args)
	return cli.Run(command)
}
