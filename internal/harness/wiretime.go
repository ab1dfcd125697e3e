package harness

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// wireTime is a moment as Managers write it: milliseconds since 1970, as a
// number or as text; an ISO 8601 text, as the API description has it; or null.
// The zero time stands for none.
type wireTime time.Time

// isoForms are the ISO 8601 forms in use, with the zone as Z, +00:00 or +0000,
// or without one (UTC then). Fractions of a second are read by all of them.
var isoForms = []string{time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05"}

// maxMillis keeps times within the years that RFC 3339 can write.
var maxMillis = float64(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC).UnixMilli())

// UnmarshalJSON implements json.Unmarshaler.
func (t *wireTime) UnmarshalJSON(data []byte) error {
	*t = wireTime{}
	data = bytes.TrimSpace(data)
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	text := string(data)
	if data[0] == '"' {
		if err := json.Unmarshal(data, &text); err != nil {
			return fmt.Errorf("reading a time: %w", err)
		}
	}
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	if millis, err := strconv.ParseFloat(text, 64); err == nil {
		if math.IsNaN(millis) || millis < 0 || millis > maxMillis {
			return fmt.Errorf("%s is out of range for a time in milliseconds", text)
		}
		if millis > 0 {
			*t = wireTime(time.UnixMilli(int64(millis)).UTC())
		}
		return nil
	}
	for _, form := range isoForms {
		if parsed, err := time.Parse(form, text); err == nil {
			if millis := float64(parsed.UnixMilli()); millis < 0 || millis > maxMillis {
				return fmt.Errorf("%q is out of range for the end of an override", text)
			}
			*t = wireTime(parsed.UTC())
			return nil
		}
	}
	return fmt.Errorf("%q is neither a number of milliseconds nor an ISO 8601 time", text)
}
