// Package cronjob runs upgraders as CronJobs on Kubernetes. It renders an
// upgrader as objects, reads live objects back as an upgrader, and says in words
// where the two differ; and it writes, removes and tries them out with a dynamic
// client.
//
// Objects are written with server-side apply under one field manager, so that
// what others have set on them stays untouched.
package cronjob

// FieldManager is the name under which everything is written.
const FieldManager = "terraform-provider-harnessdelegate"
