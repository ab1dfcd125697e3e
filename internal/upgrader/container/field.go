package container

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/moby/moby/client"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

// field is one argument, and where a container holds it.
type field struct {
	// argument is its path.
	argument []string
	// variable is the environment variable that holds it alone, if one does, and
	// isSecret keeps that one's value out of texts.
	variable string
	isSecret bool
	// flag is the option of docker run, and key that of Compose; shown is what
	// they get: a text, a number or a map.
	flag, key string
	shown     func(u spec.Upgrader) any
	// write puts it into a container that is to be made.
	write func(u spec.Upgrader, into *client.ContainerCreateOptions)
	// read takes it from a container, in the words of what is wanted if that means
	// the same, and asks for the change that it takes if it doesn't.
	read func(r *reading)
	// refusals are what the engine says about it.
	refusals []refusal
}

// refusal is how the engine words a refusal, in small letters, as a regular
// expression. It has no codes that name what it refuses.
type refusal struct{ words, advice string }

// change is what it takes to have another value of an argument, or to repair what
// no argument tells. A replacement does the work of all others.
type change int

const (
	// replacing makes a new container. It is the usual change.
	replacing change = iota
	// updating changes a container's limits and restart policy while it runs.
	updating
	// starting starts a container that doesn't run.
	starting
	// renaming is done before all else; see recover.
	renaming
)

// place is where a container holds an argument of one type.
type place[T any] struct {
	flag, key string
	// show is the form for docker run and Compose; nil for the value itself.
	show  func(value T) any
	write func(value T, into *client.ContainerCreateOptions)
	read  func(r *reading) T
	// same tells whether a live value is the wanted one in other words; nil is
	// equality.
	same   func(want, live T) bool
	change change
	// anew tells that this change takes a new container all the same.
	anew     func(want T, r *reading) bool
	refusals []refusal
}

// row is the field of an argument that is kept at a place.
func row[T any](argument string, at func(*spec.Upgrader) *T, p place[T]) field {
	same := p.same
	if same == nil {
		same = func(a, b T) bool { return reflect.DeepEqual(a, b) }
	}
	show := p.show
	if show == nil {
		show = func(value T) any { return value }
	}
	return field{
		argument: strings.Split(argument, "."), flag: p.flag, key: p.key, refusals: p.refusals,
		shown: func(u spec.Upgrader) any { return show(*at(&u)) },
		write: func(u spec.Upgrader, into *client.ContainerCreateOptions) { p.write(*at(&u), into) },
		read: func(r *reading) {
			want, live := *at(&r.want), p.read(r)
			if same(want, live) {
				return
			}
			*at(&r.got) = live
			r.needs[p.change] = true
			if p.anew != nil && p.anew(want, r) {
				r.needs[replacing] = true
			}
		},
	}
}

// form is how a variable holds a value.
type form[T any] struct {
	// text is the value as the variable has it; empty leaves the variable out.
	text func(T) string
	// parse reads it, and is says what it must be.
	parse func(text string) (value T, fine bool)
	is    string
	same  func(want, live T) bool
	// absent is what the upgrader does without the variable, unless it can't do
	// without.
	absent   T
	required bool
}

// variable is the field of an argument that is one environment variable.
func variable[T any](argument, name string, at func(*spec.Upgrader) *T, f form[T]) field {
	if f.text == nil {
		f.text = func(value T) string { return reflect.ValueOf(value).String() }
		f.parse = func(text string) (value T, fine bool) {
			reflect.ValueOf(&value).Elem().SetString(text)
			return value, true
		}
	}
	result := row(argument, at, place[T]{
		same: f.same,
		write: func(value T, into *client.ContainerCreateOptions) {
			if text := f.text(value); text != "" || f.required {
				into.Config.Env = append(into.Config.Env, name+"="+text)
			}
		},
		read: func(r *reading) T {
			text, set := r.env[name]
			if !set && f.required {
				r.drifted(replacing, "environment variable %s is missing", name)
				return *at(&r.want)
			}
			if !set {
				return f.absent
			}
			value, fine := f.parse(text)
			if !fine {
				r.drifted(replacing, "environment variable %s is %q, and must be %s", name, text, f.is)
				return *at(&r.want)
			}
			return value
		},
	})
	result.variable = name
	return result
}

// secretVariable is the field of an argument that is a secret. A refresh doesn't
// know what is wanted of it; then it is read and not judged.
func secretVariable(
	argument, name string, at func(*spec.Upgrader) *secret.Text, wanted func(spec.Upgrader) bool, same func(a, b secret.Text) bool,
) field {
	return field{
		argument: strings.Split(argument, "."), variable: name, isSecret: true,
		write: func(u spec.Upgrader, into *client.ContainerCreateOptions) {
			if wanted(u) {
				into.Config.Env = append(into.Config.Env, name+"="+string(*at(&u)))
			}
		},
		read: func(r *reading) {
			want := *at(&r.want)
			live, set := r.env[name]
			switch {
			case wanted(r.want) && !set:
				r.drifted(replacing, "environment variable %s is missing", name)
			case !wanted(r.want) && set:
				r.drifted(replacing, "environment variable %s is not asked for", name)
			case want != "" && !same(want, secret.Text(live)):
				*at(&r.got), r.needs[replacing] = secret.Text(live), true
			}
		},
	}
}

// fieldOf is the field of a variable that has an argument of its own.
func fieldOf(variable string) (field, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.variable == variable && variable != "" })
	if i < 0 {
		return field{}, false
	}
	return fields[i], true
}

// Variables are the arguments that set an environment variable of their own, by
// its name.
func Variables() map[string]string {
	arguments := map[string]string{}
	for _, f := range fields {
		if f.variable != "" {
			arguments[f.variable] = strings.Join(f.argument, ".")
		}
	}
	return arguments
}

// sameTexts takes a map that isn't there for an empty one.
func sameTexts(a, b map[string]string) bool { return maps.Equal(a, b) }

// merged has the entries of both.
func merged(a, b map[string]string) map[string]string {
	both := map[string]string{}
	maps.Copy(both, a)
	maps.Copy(both, b)
	return both
}

func sortedNames(texts map[string]string) []string { return slices.Sorted(maps.Keys(texts)) }
