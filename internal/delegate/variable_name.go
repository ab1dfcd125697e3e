package delegate

import (
	"errors"
	"fmt"
	"strings"
)

// CheckVariableName refuses what can't be the name of an environment variable. A
// name with an equals sign would set the variable before it, and so pass any
// check of names. The error is half a sentence, and doesn't show what follows the
// equals sign, which may be a secret.
func CheckVariableName(name string) error {
	before, _, found := strings.Cut(name, "=")
	switch {
	case name == "":
		return errors.New("it is empty")
	case found:
		return fmt.Errorf("it begins with %q; a name has no =, so write the value as the value of the map", before+"=")
	case strings.ContainsRune(name, 0):
		return errors.New("it has a null character")
	default:
		return nil
	}
}
