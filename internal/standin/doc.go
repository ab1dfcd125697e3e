// Package standin has programs that stand in for the vendor's upgrader and for a delegate, in tests and in the demo.
//
// They do what the public documentation says the real ones do, and read their configuration strictly: a key that the
// documentation doesn't know, or one that is missing, is an error. They share no code with the provider, so that a
// mistake in what it configures cannot hide in them.
//
// This package holds the rules, which do no input or output, and Build, which makes the programs. What the upgrader
// does with the rules is in the package upgrade below it.
//
// # The upgrader
//
// Without UPGRADER_WORKLOAD_NAME in its environment, the upgrader makes one run in Kubernetes: it reads
// /etc/config/config.yaml and UPGRADER_TOKEN, asks the Manager for the image, and sets it in the Deployment.
// With UPGRADER_WORKLOAD_NAME it stays, and replaces Docker containers on a schedule.
//
// What the real upgrader doesn't have, and what tests need, is switched by variables of their own. Arguments of the
// program that look like NAME=value are set in its environment, so that the entrypoint of an image can bring them in:
//
//	STANDIN_ROOT=/some/folder     put in front of the path of every file; lays out a container's files anywhere
//	STANDIN_SELF_UPGRADE=true     Kubernetes: ask for the upgrader's own image, too, and set it in the CronJob
//	STANDIN_RUN_AT_START=true     Docker: make a round at once; SIGUSR1 asks for one at any time
//
// In one thing it is kinder than the real one has to be: if the Manager's clock differs from its own, it signs in by
// the Manager's, because simulated clocks are moved.
package standin
