// Package spec says what an upgrader is: the arguments a user gives, the rules
// they follow, and what a platform that runs upgraders has to be able to do. It
// knows neither Terraform nor Kubernetes nor Docker, and does no input or
// output.
package spec
