package delegate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/robfig/cron/v3"
)

// scheduleField is one of the five fields of a cron expression.
type scheduleField struct {
	name     string
	min, max int
	// names are those of the values from min on, each followed by a blank.
	names string
	// allowed are the values in a user's words.
	allowed string
	parser  cron.Parser
}

// scheduleFields are parsed one by one to find the one that is wrong.
var scheduleFields = []scheduleField{
	{"minute", 0, 59, "", "0 to 59", cron.NewParser(cron.Minute)},
	{"hour", 0, 23, "", "0 to 23", cron.NewParser(cron.Hour)},
	{"day of month", 1, 31, "", "1 to 31", cron.NewParser(cron.Dom)},
	{"month", 1, 12, "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC ", "1 to 12 or JAN to DEC", cron.NewParser(cron.Month)},
	{"day of week", 0, 6, "SUN MON TUE WED THU FRI SAT ", "0 to 6 or SUN to SAT, where Sunday is 0", cron.NewParser(cron.Dow)},
}

// scheduleError says in a user's words why a schedule can't be parsed.
func scheduleError(text string, err error) error {
	parts := strings.Fields(text)
	if strings.HasPrefix(text, "@") {
		return fmt.Errorf("%q is not one of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually, and @every with a duration such as @every 1h30m", text)
	}
	if len(parts) != len(scheduleFields) {
		return fmt.Errorf("it has %d fields instead of 5 (minute, hour, day of month, month, day of week)", len(parts))
	}
	for i, field := range scheduleFields {
		if _, fieldErr := field.parser.Parse(parts[i]); fieldErr != nil {
			return field.wrong(i, parts[i])
		}
	}
	return err
}

// checkNoEmptyField refuses a field of commas alone, which the parser takes for a
// list without values.
func checkNoEmptyField(text string) error {
	for i, part := range strings.Fields(text) {
		if strings.Trim(part, ",") == "" {
			return scheduleFields[i].wrong(i, part)
		}
	}
	return nil
}

// wrong names the field, its value, what is wrong with it, and what is allowed.
func (f scheduleField) wrong(position int, value string) error {
	return fmt.Errorf("field %d (%s), %q: %s; allowed are %s, as in *, */2, 1-3 and 1,3", position+1, f.name, value, f.reason(value), f.allowed)
}

// reason is what is wrong with the first part of a list that can't be parsed.
func (f scheduleField) reason(value string) string {
	for part := range strings.SplitSeq(value, ",") {
		if _, err := f.parser.Parse(part); part == "" || err == nil {
			continue
		}
		limits, step, stepped := strings.Cut(part, "/")
		if count, err := strconv.Atoi(step); stepped && (err != nil || count < 1) {
			return fmt.Sprintf("the step %q is not a number from 1 on", step)
		}
		return f.reasonOf(limits)
	}
	return "it names no value"
}

// reasonOf is what is wrong with a value or a range.
func (f scheduleField) reasonOf(limits string) string {
	pieces := strings.Split(limits, "-")
	numbers := make([]int, len(pieces))
	for i, piece := range pieces {
		n, isNumber := f.number(piece)
		switch {
		case isNumber && (n < f.min || n > f.max):
			return piece + " is out of range"
		case !isNumber && strings.Trim(piece, "0123456789()") != "" && strings.Trim(piece, "0123456789()LWHlwh#") == "":
			return "Kubernetes and Docker upgraders don't know the extensions L, W, H and # of other schedulers"
		case !isNumber:
			return fmt.Sprintf("%q is not a value", piece)
		}
		numbers[i] = n
	}
	if len(numbers) == 2 && numbers[0] > numbers[1] {
		return fmt.Sprintf("the range %s ends before it begins; write %s,%s instead", limits, span(numbers[0], f.max), span(f.min, numbers[1]))
	}
	return fmt.Sprintf("%q is not a range", limits)
}

// number is what a value or its name stands for.
func (f scheduleField) number(piece string) (int, bool) {
	if at := strings.Index(f.names, strings.ToUpper(piece)+" "); len(piece) == 3 && at >= 0 {
		return f.min + at/4, true
	}
	n, err := strconv.Atoi(piece)
	return n, err == nil
}

func span(first, last int) string {
	if first == last {
		return strconv.Itoa(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}
