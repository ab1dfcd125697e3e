package harness

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"
)

func TestWireTime(t *testing.T) {
	newYear := time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		json string
		want time.Time
	}{
		"milliseconds":              {`1735689600000`, newYear},
		"milliseconds with digits":  {`1735689600123`, newYear.Add(123 * time.Millisecond)},
		"milliseconds with a power": {`1.7356896E12`, newYear},
		"milliseconds as text":      {`"1735689600000"`, newYear},
		"blanks in the text":        {`" 1735689600000 "`, newYear},
		"ISO with Z":                {`"2025-01-01T00:00:00Z"`, newYear},
		"ISO with milliseconds":     {`"2025-01-01T00:00:00.123Z"`, newYear.Add(123 * time.Millisecond)},
		"ISO with an offset":        {`"2025-01-01T01:30:00+01:30"`, newYear},
		"ISO without a colon":       {`"2025-01-01T00:00:00.000+0000"`, newYear},
		"ISO west, without a colon": {`"2024-12-31T19:00:00-0500"`, newYear},
		"ISO without a zone":        {`"2025-01-01T00:00:00"`, newYear},
		"null":                      {`null`, time.Time{}},
		"zero":                      {`0`, time.Time{}},
		"zero as text":              {`"0"`, time.Time{}},
		"empty text":                {`""`, time.Time{}},
		"blank text":                {`"  "`, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			var row overrideRow
			if err := json.Unmarshal([]byte(`{"validUntil":`+tc.json+`}`), &row); err != nil {
				t.Fatal(err)
			}
			if got := time.Time(row.ValidUntil); !got.Equal(tc.want) || got.Location() != time.UTC {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
	t.Run("missing", func(t *testing.T) {
		var row overrideRow
		if err := json.Unmarshal([]byte(`{}`), &row); err != nil {
			t.Fatal(err)
		}
		if got := time.Time(row.ValidUntil); !got.IsZero() {
			t.Errorf("got %s, want none", got)
		}
	})
}

func TestWireTimeReplacesWhatWasThere(t *testing.T) {
	read := wireTime(time.Date(2025, time.January, 1, 0, 0, 0, 0, time.UTC))
	if err := json.Unmarshal([]byte(`null`), &read); err != nil {
		t.Fatal(err)
	}
	if got := time.Time(read); !got.IsZero() {
		t.Errorf("got %s, want none", got)
	}
}

func TestWireTimeRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a negative number":  `-1`,
		"a number too big":   `1e300`,
		"infinity as text":   `"Inf"`,
		"no number as text":  `"NaN"`,
		"words":              `"tomorrow"`,
		"a date alone":       `"2025-01-01"`,
		"a thirteenth month": `"2025-13-01T00:00:00Z"`,
		"a truth value":      `true`,
		"an object":          `{"$date":1735689600000}`,
		"a list":             `[1735689600000]`,
	} {
		t.Run(name, func(t *testing.T) {
			var read wireTime
			if err := json.Unmarshal([]byte(text), &read); err == nil {
				t.Errorf("%s reads as %s, want an error", text, time.Time(read))
			}
		})
	}
}

func FuzzWireTime(f *testing.F) {
	for _, seed := range []string{
		`1735689600000`, `"1735689600000"`, `"2025-01-01T00:00:00Z"`, `"2025-01-01T00:00:00.123+0000"`, `null`, `""`, `-1`, `1e400`, `"0x1p4"`, `{}`, `true`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var read wireTime
		if err := json.Unmarshal(data, &read); err != nil {
			return
		}
		got := time.Time(read)
		if got.IsZero() {
			return
		}
		if got.Location() != time.UTC {
			t.Errorf("%s is not in UTC: %s", data, got)
		}
		// The same moment in the forms of the wire.
		millis := strconv.FormatInt(got.UnixMilli(), 10)
		for _, form := range []string{strconv.Quote(got.Format(time.RFC3339Nano)), strconv.Quote(got.Format("2006-01-02T15:04:05.999999999-0700")), millis, strconv.Quote(millis)} {
			if got.UnixMilli() <= 0 && (form == millis || form == strconv.Quote(millis)) {
				continue // before 1970, which is no end of any override
			}
			var again wireTime
			if err := json.Unmarshal([]byte(form), &again); err != nil {
				t.Fatalf("%s reads as %s, but that, written as %s, doesn't: %v", data, got, form, err)
			}
			if time.Time(again).UnixMilli() != got.UnixMilli() {
				t.Errorf("%s reads as %s, but written as %s it is %s", data, got, form, time.Time(again))
			}
		}
	})
}
