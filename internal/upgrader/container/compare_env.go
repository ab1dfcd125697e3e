package container

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/secret"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/upgrader/spec"
)

func itoa(n int) string { return strconv.Itoa(n) }

// compareImage compares the image's name as the container was made with. That
// the name means another image by now is no difference.
func (m *comparison) compareImage() {
	if !sameImage(m.c.Config.Image, m.want.Image) {
		m.got.Image = m.c.Config.Image
		m.differs(true, replacing)
	}
}

// sameImage tells whether two names are of the same image: "app" is
// docker.io/library/app:latest.
func sameImage(a, b string) bool {
	if a == b {
		return true
	}
	x, errX := delegate.ParseImage(a)
	y, errY := delegate.ParseImage(b)
	if errX != nil || errY != nil || x.Form == delegate.ImageBareTag || y.Form == delegate.ImageBareTag {
		return false
	}
	tag := func(i delegate.Image) string {
		if i.Form == delegate.ImageUntagged {
			return "latest"
		}
		return i.Tag
	}
	return x.Registry == y.Registry && x.Repository == y.Repository && tag(x) == tag(y) && x.Digest == y.Digest
}

// compareVariables compares the variables that have an argument.
func (m *comparison) compareVariables() {
	for _, v := range []struct {
		name string
		got  *string
	}{
		{envAccount, &m.got.AccountID},
		{envWorkload, &m.got.DelegateName},
		{envManager, &m.got.ManagerEndpoint},
	} {
		live, set := m.env[v.name]
		if !set {
			m.drifted(replacing, "environment variable %s is missing", v.name)
			continue
		}
		if v.name == envManager && strings.TrimSuffix(live, "/") == strings.TrimSuffix(*v.got, "/") {
			continue
		}
		m.differs(live != *v.got, replacing)
		*v.got = live
	}
	m.got.Schedule = m.withDefault(envSchedule, spec.DefaultSchedule)
	m.differs(m.got.Schedule != m.want.Schedule, replacing)
	m.compareStopTimeout()
	m.compareSwitch()
	m.compareProxy()
}

// withDefault is a variable that the upgrader has a documented default for.
func (m *comparison) withDefault(name, otherwise string) string {
	if live, set := m.env[name]; set {
		return live
	}
	return otherwise
}

func (m *comparison) compareStopTimeout() {
	text := m.withDefault(envStopTimeout, strconv.Itoa(spec.DefaultStopTimeout))
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		m.drifted(replacing, "environment variable %s is no number", envStopTimeout)
		return
	}
	m.got.Docker.StopTimeout = seconds
	m.differs(seconds != m.want.Docker.StopTimeout, replacing)
}

func (m *comparison) compareSwitch() {
	disabled, err := strconv.ParseBool(strings.ToLower(m.withDefault(envDisable, "false")))
	if err != nil {
		m.drifted(replacing, "environment variable %s is neither true nor false", envDisable)
		return
	}
	m.got.AutoUpgrade = !disabled
	m.differs(disabled == m.want.AutoUpgrade, replacing)
}

// compareProxy compares what isn't secret of the proxy. What isn't wanted and is
// there all the same, is among the extra variables.
func (m *comparison) compareProxy() {
	for _, v := range []struct {
		name string
		got  *string
	}{
		{envProxyScheme, &m.got.Proxy.Scheme},
		{envProxyHost, &m.got.Proxy.Host},
		{envProxyPort, &m.got.Proxy.Port},
		{envProxyUser, &m.got.Proxy.User},
	} {
		if *v.got != "" {
			m.differs(m.env[v.name] != *v.got, replacing)
			*v.got = m.env[v.name]
		}
	}
}

// compareSecrets compares the token and the proxy's password where they are
// known. A refresh doesn't know them; then they are read and not judged.
func (m *comparison) compareSecrets() {
	for _, v := range []struct {
		name string
		got  *secret.Text
	}{
		{envToken, &m.got.Token},
		{envProxyPassword, &m.got.Proxy.Password},
	} {
		wanted := *v.got != "" || v.name == envToken || m.want.Proxy.HasPassword
		live, set := m.env[v.name]
		switch {
		case wanted && !set:
			m.drifted(replacing, "environment variable %s is missing", v.name)
		case *v.got != "":
			m.differs(string(*v.got) != live, replacing)
			*v.got = secret.Text(live)
		}
	}
}

// compareExtraVariables compares what arguments of their own don't set. A
// variable that nobody asked for is one that was asked for once: neither the
// engine nor anybody else can add one to a container, and the image's are known.
func (m *comparison) compareExtraVariables() {
	wanted := map[string]bool{}
	for _, v := range environment(m.want) {
		wanted[v.name] = true
	}
	m.got.Docker.Env = kept(m.want.Docker.Env, m.env)
	m.differs(!maps.Equal(m.got.Docker.Env, m.want.Docker.Env), replacing)
	for _, name := range slices.Sorted(maps.Keys(m.ownVariables())) {
		if !wanted[name] {
			m.drifted(replacing, "environment variable %s is not asked for", name)
		}
	}
}

// ownVariables are the container's without those that its image brings. If the
// image is gone, they can't be told apart, and only those of the upgrader count.
func (m *comparison) ownVariables() map[string]string {
	own := map[string]string{}
	for name, value := range m.env {
		brought, fromImage := m.image.env[name]
		if fromImage && brought == value || !m.image.known && !ReservedVariable(name) || isRuntimeVariable(name) {
			continue
		}
		own[name] = value
	}
	return own
}

// isRuntimeVariable tells whether the engine sets a variable itself.
func isRuntimeVariable(name string) bool {
	return name == "PATH" || name == "HOME" || name == "HOSTNAME" || name == "TERM"
}

// kept is what is live of the keys that are wanted; nil where none is wanted.
func kept(want, live map[string]string) map[string]string {
	if want == nil {
		return nil
	}
	result := map[string]string{}
	for name := range want {
		if value, found := live[name]; found {
			result[name] = value
		}
	}
	return result
}
