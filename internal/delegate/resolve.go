package delegate

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Delegate is what the Manager knows of a delegate when its upgrader asks for
// an image.
type Delegate struct {
	Scope Scope
	// Name counts as one more tag, in lower case. Empty if not known.
	Name string
	Tags Tags
}

// EffectiveTags are the tags that overrides are matched against: the
// delegate's own and its name in lower case.
func (d Delegate) EffectiveTags() Tags {
	if d.Name == "" {
		return NewTags(d.Tags...)
	}
	return NewTags(append(slices.Clone(d.Tags), strings.ToLower(d.Name))...)
}

// Outcome is what became of one override in a resolution.
type Outcome string

// The outcomes.
const (
	// Applied: its image is the answer.
	Applied Outcome = "applied"
	// TagsNotMatched: the delegate lacks some of its tags.
	TagsNotMatched Outcome = "tags_not_matched"
	// Outranked: it would match, but another one is found first.
	Outranked Outcome = "outranked"
	// Expired: it has ended.
	Expired Outcome = "expired"
	// OutOfReach: it is neither at the delegate's scope nor above.
	OutOfReach Outcome = "out_of_reach"
)

// Step is one override considered, and why it applied or not.
type Step struct {
	Override Override
	Outcome  Outcome
	Reason   string
}

// Resolution is the image that a delegate's upgrader is told.
type Resolution struct {
	Image string
	// By is the override that decided; nil where none applied and the image is
	// the latest supported one.
	By *Override
	// Trail holds every override given, in the order in which the Manager
	// considers them, those out of reach last.
	Trail []Step
}

// Resolve says which image the delegate gets and why. The Manager looks for an
// override with tags first, at the delegate's scope and then upwards; it takes
// the first whose tags the delegate all carries. Where there is none it looks
// for an override without tags in the same order, and else answers with the
// latest image. Overrides that have ended take no part.
func Resolve(d Delegate, overrides []Override, latest string, now time.Time) Resolution {
	result := Resolution{Image: latest}
	tags := d.EffectiveTags()
	for _, o := range inSearchOrder(overrides, d.Scope) {
		step := Step{Override: o}
		switch missing := o.Tags.Without(tags); {
		case !slices.Contains(d.Scope.Chain(), o.Scope):
			step.Outcome = OutOfReach
			step.Reason = fmt.Sprintf("it is set for %s, which does not hold the delegate", o.Scope)
		case o.ExpiredAt(now):
			step.Outcome = Expired
			step.Reason = "it ended at " + o.ValidUntil.UTC().Format(time.RFC3339)
		case len(missing) > 0:
			step.Outcome = TagsNotMatched
			step.Reason = fmt.Sprintf("the delegate lacks the override's tags %s", missing)
		case result.By != nil:
			step.Outcome = Outranked
			step.Reason = outrankedBy(o, *result.By)
		default:
			step.Outcome = Applied
			step.Reason = appliedReason(o, d.Scope)
			result.Image, result.By = o.Image, &o
		}
		result.Trail = append(result.Trail, step)
	}
	return result
}

// inSearchOrder sorts tagged before untagged, then from the delegate's scope
// upwards; what is out of reach comes last. The rest of the key only makes the
// order certain.
func inSearchOrder(overrides []Override, from Scope) []Override {
	chain := from.Chain()
	rank := func(o Override) (int, int) {
		distance := slices.Index(chain, o.Scope)
		switch {
		case distance < 0:
			return 2, 0
		case len(o.Tags) > 0:
			return 0, distance
		default:
			return 1, distance
		}
	}
	sorted := slices.Clone(overrides)
	slices.SortStableFunc(sorted, func(a, b Override) int {
		passA, distanceA := rank(a)
		passB, distanceB := rank(b)
		switch {
		case passA != passB:
			return passA - passB
		case distanceA != distanceB:
			return distanceA - distanceB
		default:
			return strings.Compare(a.Slot().ID(), b.Slot().ID())
		}
	})
	return sorted
}

func outrankedBy(o, winner Override) string {
	if len(o.Tags) == 0 && len(winner.Tags) > 0 {
		return fmt.Sprintf("an override with tags goes first at any scope, and the one for %s matches", winner.Scope.Short())
	}
	return fmt.Sprintf("the override for %s is nearer to the delegate", winner.Scope.Short())
}

func appliedReason(o Override, from Scope) string {
	where := "at the delegate's own scope"
	if o.Scope != from {
		where = "inherited from " + o.Scope.Short()
	}
	if len(o.Tags) > 0 {
		return fmt.Sprintf("the delegate carries its tags %s, and it is the nearest such override (%s)", o.Tags, where)
	}
	return fmt.Sprintf("no override with tags matches, and it is the nearest one without (%s)", where)
}
