// Package functions is the provider's functions: the rules of the domain on
// versions, support, schedules, mirrors and overrides, for configurations and
// their tests to use. They ask nobody and have no clock: what is the same in
// the arguments is the same in the result.
//
// An error is worded to stand behind what Terraform writes before it, which
// names the function and the argument, and before the full stop it adds.
package functions
