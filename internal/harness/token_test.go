package harness_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/harness"
	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/simulator"
)

const (
	tokenCall = "GET /ng/api/delegate-token-ng"
	// tokenValue is a canary like apiKey.
	tokenValue = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5"
)

// The name decides alone, so that the scope in the answer is the token's own.
func TestDelegateToken_ofEachScope(t *testing.T) {
	for _, owner := range []delegate.Scope{atAccount, atOrg, atProject} {
		for _, asked := range []delegate.Scope{atAccount, atOrg, atProject} {
			t.Run(owner.Short()+" asked at "+asked.Short(), func(t *testing.T) {
				m := newManager(t)
				m.Freeze(true)
				m.SetTime(start)
				m.AddDelegateToken(simulator.DelegateToken{
					AccountID: account, OrgID: owner.Org, ProjectID: owner.Project, Name: "blue/green +1", Value: tokenValue,
				})
				got, err := m.client(t).DelegateToken(t.Context(), asked, "blue/green +1")
				if err != nil {
					t.Fatal(err)
				}
				want := harness.DelegateToken{Name: "blue/green +1", Owner: owner, Status: "ACTIVE", Value: tokenValue, CreatedAt: start}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("token (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestDelegateToken_states(t *testing.T) {
	viewer := []simulator.Grant{{Permissions: []string{simulator.PermissionView}}}
	for name, tc := range map[string]struct {
		given  simulator.DelegateToken
		grants []simulator.Grant
		want   harness.DelegateToken
	}{
		"revoked": {
			simulator.DelegateToken{RevokedAt: start.Add(-time.Hour)},
			nil,
			harness.DelegateToken{Status: harness.TokenRevoked, Value: tokenValue, CreatedAt: start},
		},
		"to be revoked": {
			simulator.DelegateToken{RevokeAfter: start.Add(48 * time.Hour)},
			nil,
			harness.DelegateToken{Status: "ACTIVE", Value: tokenValue, CreatedAt: start, RevokeAfter: start.Add(48 * time.Hour)},
		},
		"of a key that may only view": {
			simulator.DelegateToken{CreatedAt: start.Add(-time.Hour)},
			viewer,
			harness.DelegateToken{Status: "ACTIVE", CreatedAt: start.Add(-time.Hour)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := newManager(t)
			m.Freeze(true)
			m.SetTime(start)
			m.AddKey(simulator.Key{Token: apiKey, AccountID: account, Grants: tc.grants})
			tc.given.AccountID, tc.given.Name, tc.given.Value = account, "blue", tokenValue
			m.AddDelegateToken(tc.given)
			got, err := m.client(t).DelegateToken(t.Context(), atAccount, "blue")
			if err != nil {
				t.Fatal(err)
			}
			tc.want.Name, tc.want.Owner = "blue", atAccount
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("token (-want +got):\n%s", diff)
			}
		})
	}
}

// Each read asks: a token may have been revoked since.
func TestDelegateToken_isNotRemembered(t *testing.T) {
	m := newManager(t)
	client := m.client(t)
	for range 2 {
		if _, err := client.DelegateToken(t.Context(), atAccount, "default_token"); err != nil {
			t.Fatal(err)
		}
	}
	wantCalls(t, m.Simulator, tokenCall, 2)
}

// Some Managers may list more than was asked for, and none lists a token under
// the empty name.
func TestDelegateToken_missing(t *testing.T) {
	const others = `{"resource":[{"name":"blue-2","status":"ACTIVE","value":"x"}]}`
	for name, tc := range map[string]struct {
		client *harness.Client
		token  string
	}{
		"unknown":          {newManager(t).client(t), "blue"},
		"in other letters": {newManager(t).client(t), "Default_Token"},
		"no name":          {newManager(t).client(t), ""},
		"only others":      {newClient(t, listen(t, answer(others))), "blue"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := tc.client.DelegateToken(t.Context(), atAccount, tc.token); !errors.Is(err, harness.ErrNoSuchToken) {
				t.Errorf("got %v and the error %v, want ErrNoSuchToken", got, err)
			}
		})
	}
}

func TestDelegateToken_refused(t *testing.T) {
	m := newManager(t)
	m.AddKey(simulator.Key{Token: apiKey, AccountID: account, Grants: []simulator.Grant{}})
	_, err := m.client(t).DelegateToken(t.Context(), atOrg, "default_token")
	if refused := asError[*harness.APIError](t, err); !refused.Forbidden() {
		t.Errorf("want a missing permission, got %v", err)
	}
}

// Replies that can't be understood are shown only if they can't hold the token.
func TestDelegateToken_isInNoError(t *testing.T) {
	for name, tc := range map[string]struct{ body, says string }{
		"cut short":          {`{"resource":[{"name":"blue","value":"` + tokenValue, "it is not JSON"},
		"a wrong type":       {`{"resource":[{"value":"` + tokenValue + `","name":7}]}`, "cannot unmarshal number"},
		"a wrong time":       {`{"resource":[{"value":"` + tokenValue + `","createdAt":"soon"}]}`, `"soon"`},
		"not in a list":      {`{"resource":{"value":"` + tokenValue + `"}}`, "cannot unmarshal object"},
		"another envelope":   {`{"data":[{"value":"` + tokenValue + `"}]}`, `neither a "resource"`},
		"a list, not closed": {`[{"value":"` + tokenValue + `"}`, "it is not JSON"},
		"a page":             {"<html><body>Sign in</body></html>", "Sign in"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newClient(t, listen(t, answer(tc.body))).DelegateToken(t.Context(), atAccount, "blue")
			wantError[*harness.ReplyError](t, err)
			if text := err.Error(); strings.Contains(text, tokenValue) || !strings.Contains(text, tc.says) {
				t.Errorf("want %s, without the token: %s", tc.says, text)
			}
		})
	}
}

func TestDelegateToken_hidesItself(t *testing.T) {
	token := harness.DelegateToken{Name: "blue", Value: tokenValue}
	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		for _, value := range []any{token, &token} {
			if text := fmt.Sprintf(form, value); strings.Contains(text, tokenValue) || strings.Contains(text, fmt.Sprintf("%x", tokenValue)) {
				t.Errorf("%s of %T shows the token: %s", form, value, text)
			}
		}
	}
}
