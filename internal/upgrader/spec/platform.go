package spec

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
)

// Platform runs upgraders. Every error that it returns is a *Failure.
type Platform interface {
	// Find reads the upgrader at a place that only its import ID tells, with
	// every argument that the live objects differ from the defaults in. It
	// reports false where there is none.
	Find(ctx context.Context, place Place) (Upgrader, bool, error)
	// List finds the upgraders of a namespace, whoever made them; without a
	// namespace all that there are. It ends at an error.
	List(ctx context.Context, namespace string) iter.Seq2[Listed, error]
	// Observe compares what is live with what is wanted, field by field. Objects
	// of last that exist and are wanted no more are drift, too. It needs no right
	// to write.
	Observe(ctx context.Context, want Upgrader, last []Object) (Observed, error)
	// Preflight finds out, without writing, what Apply would be refused, which is
	// an error, and what a user should know of its outcome. What it has no right
	// to ask for it leaves out, with a finding that says so.
	Preflight(ctx context.Context, change Change) ([]Finding, error)
	// Apply creates, repairs and changes until what is live is what is wanted,
	// and removes the objects of Last that are wanted no more. It refuses to
	// touch an object that exists and is neither one of Last nor one that this
	// provider made. It is safe to repeat, and returns what exists afterwards
	// beside an error, too.
	Apply(ctx context.Context, change Change) (Applied, error)
	// Delete removes the objects of last, and those that this provider made
	// under the same names, unless somebody else has replaced them or still
	// needs them, or they are among those to keep, which another upgrader of the
	// same run has taken over. It returns once they are gone, and tells what it
	// left.
	Delete(ctx context.Context, have Upgrader, last, keep []Object) (Applied, error)
	// RunOnce starts one run now and waits until it ends or ctx does.
	RunOnce(ctx context.Context, have Upgrader) error
	// Check looks at the delegate that is to be upgraded, and says what stands in
	// the way. It needs no right to write; what it has no right to read it leaves
	// out.
	Check(ctx context.Context, want Upgrader) ([]Finding, error)
	// Status tells how the upgrader at a place is doing at a moment. It reports
	// false where there is none. It needs the right to read the upgrader itself;
	// what else it has no right to read is Unseen.
	Status(ctx context.Context, place Place, now time.Time) (Status, bool, error)
}

// Starter is a platform on which others than the upgrader itself can start a run.
type Starter interface {
	// Start starts one run now, whatever the schedule says and even if it is
	// suspended. It tells what happens as it does. Errors are as a Platform's.
	Start(ctx context.Context, place Place, tell func(what string)) (Run, error)
}

// Place is where an upgrader is: a container's or CronJob's name, and the
// namespace of the latter.
type Place struct {
	Namespace string
	Name      string
}

// Listed is an upgrader that was found.
type Listed struct {
	Place
	// DelegateName is the delegate that it says it is for, or that its own name
	// tells; it may be empty.
	DelegateName string
}

// Run is a run that was started by hand.
type Run interface {
	// String names it in messages.
	fmt.Stringer
	// Await waits until the run ends or ctx does, and tells what happens
	// meanwhile. That the run has failed is an error, which quotes the end of
	// its log without the secrets.
	Await(ctx context.Context, tell func(what string)) error
}

// Change is what an apply is to bring about.
type Change struct {
	Want Upgrader
	// Prior is the upgrader as the state has it; nil for one that is created. What
	// it has and Want has not is removed.
	Prior *Upgrader
	// Last are the objects that were applied or imported last.
	Last []Object
}

// Object is one thing that belongs to an upgrader.
type Object struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// ID tells the object from another one of the same name: a UID, or the ID of
	// a container.
	ID string `json:"id"`
}

// String is the object as messages name it.
func (o Object) String() string { return o.Kind + "/" + o.Name }

// Observed is what is live of an upgrader.
type Observed struct {
	// Upgrader holds the arguments as the live objects have them; an argument
	// that isn't set in what is wanted stays unset. Where an object is missing,
	// it holds what is wanted.
	Upgrader Upgrader
	// Objects are those that exist; with none there is no upgrader.
	Objects []Object
	// Made tells that this provider has made the upgrader: its CronJob or
	// container.
	Made bool
	// Drift says in words what differs that no argument tells: missing objects,
	// and fields.
	Drift []string
	// Token is the live upgrader's, where an object of its own holds it; and
	// TokenField is the field, such as Secret/x: data["UPGRADER_TOKEN"].
	Token      secret.Text
	TokenField string
	// ProxyPassword and ProxyPasswordField are the same for the proxy.
	ProxyPassword      secret.Text
	ProxyPasswordField string
}

// Applied tells what an operation did.
type Applied struct {
	// Objects are those that exist now, as far as is known.
	Objects []Object
	// Done and Left say in words what was done, and what was not or was left on
	// purpose, with the reason.
	Done []string
	Left []string
}

// Finding is something that a user should know although nothing has failed.
type Finding struct {
	Summary string
	Detail  string
	// Argument is the path of the argument that it is about, if it is about one.
	Argument []string
}

// Failure is an error in a user's words.
type Failure struct {
	// Doing is what could not be done, such as: write Role/x in namespace y.
	Doing string
	// Reason is what the other side answered.
	Reason string
	// Advice is what to do next, in full sentences.
	Advice string
	// Argument is the path of the argument at fault, if one is.
	Argument []string
	// Unanswered tells that the platform could not be asked.
	Unanswered bool
	// Err is the cause, for errors.Is and errors.As.
	Err error
}

// Error implements error.
func (f *Failure) Error() string {
	text, end, space := "Could not "+f.Doing, ".", " "
	// What others have said may be a question, or lines that end as they end.
	reason := strings.TrimRight(f.Reason, " \t\r\n")
	if strings.Contains(reason, "\n") {
		end, space = "", "\n"
	} else {
		reason = strings.TrimRight(reason, ".:;, ")
	}
	if reason != "" {
		text += ": " + reason
	}
	if strings.HasSuffix(text, "?") || strings.HasSuffix(text, "!") {
		end = ""
	}
	text += end
	if f.Advice != "" {
		text += space + f.Advice
	}
	return text
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }
