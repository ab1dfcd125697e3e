// Package delegate holds what Harness says about delegate images, their
// support, tag overrides, upgrade schedules and Manager addresses, as plain
// rules: no input, no output, no clock of its own. Everything here is a function
// of its arguments.
//
// The words are Harness's: a scope is an account, an organization or a
// project; a tag override names the image that delegates at a scope shall run;
// the latest supported version is what they run otherwise.
package delegate
