package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// strictDecode decodes exactly one JSON value and refuses fields that the target does not have.
func strictDecode(data []byte, target any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("json: there is text after the first value")
	}
	return nil
}
