// Package delegates is the data sources that show which delegates there are:
// harnessdelegate_delegates lists them, harnessdelegate_delegate finds one and
// can wait until it is as it shall be.
package delegates
