package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// State is everything a Simulator knows, as one document.
type State struct {
	// Now is the simulated time; absent leaves the clock as it is.
	Now *time.Time `json:"now,omitempty"`
	// Frozen stops the clock at Now; absent leaves it ticking or standing.
	Frozen *bool `json:"frozen,omitempty"`
	// Behaviour holds the switches; absent leaves them as they are. Switches that it does not mention are set to their default.
	Behaviour      *Behaviour      `json:"behaviour,omitempty"`
	Accounts       []Account       `json:"accounts"`
	Keys           []Key           `json:"keys"`
	DelegateTokens []DelegateToken `json:"delegateTokens"`
	Delegates      []Delegate      `json:"delegates"`
	Overrides      []Override      `json:"overrides"`
}

// DecodeState reads a state document and refuses fields that State does not have.
func DecodeState(document []byte) (State, error) {
	var state State
	err := strictDecode(document, &state)
	return state, err
}

// State returns everything the Simulator knows except faults, counters and the log, which are about the test and not the Manager.
func (s *Simulator) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.now()
	s.sweep(now)
	s.sweepTokens(now)
	frozen, behaviour := s.clock.frozen, s.behaviour
	state := State{
		Now: &now, Frozen: &frozen, Behaviour: &behaviour,
		Accounts: []Account{}, Keys: []Key{}, DelegateTokens: []DelegateToken{}, Delegates: []Delegate{}, Overrides: []Override{},
	}
	for _, id := range slices.Sorted(maps.Keys(s.accounts)) {
		account := s.accounts[id].Account
		account.Orgs = maps.Clone(account.Orgs)
		account.Names = maps.Clone(account.Names)
		state.Accounts = append(state.Accounts, account)
		state.Overrides = append(state.Overrides, s.rows(id)...)
	}
	for _, token := range slices.Sorted(maps.Keys(s.keys)) {
		state.Keys = append(state.Keys, s.keys[token])
	}
	for _, t := range s.tokens {
		state.DelegateTokens = append(state.DelegateTokens, *t)
	}
	slices.SortStableFunc(state.DelegateTokens, func(a, b DelegateToken) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.Name, b.Name))
	})
	for _, d := range s.delegates {
		state.Delegates = append(state.Delegates, d.clone())
	}
	return state
}

// SetState replaces everything the Simulator knows. On an error nothing changes.
func (s *Simulator) SetState(state State) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := New()
	fresh.clock, fresh.behaviour = s.clock, s.behaviour
	if err := fresh.load(state); err != nil {
		return err
	}
	s.clock, s.behaviour, s.limiter = fresh.clock, fresh.behaviour, fresh.limiter
	s.accounts, s.keys, s.tokens = fresh.accounts, fresh.keys, fresh.tokens
	s.delegates, s.overrides = fresh.delegates, fresh.overrides
	return nil
}

// load fills a new Simulator.
func (s *Simulator) load(state State) error {
	if state.Frozen != nil {
		s.clock.freeze(*state.Frozen)
	}
	if state.Now != nil {
		s.clock.set(*state.Now)
	}
	if state.Behaviour != nil {
		if err := state.Behaviour.Validate(); err != nil {
			return err
		}
		s.behaviour = state.Behaviour.withDefaults()
	}
	for _, a := range state.Accounts {
		if err := a.Validate(); err != nil {
			return err
		}
		s.addAccount(a)
	}
	for _, k := range state.Keys {
		if err := s.addKnownKey(k); err != nil {
			return err
		}
	}
	for _, t := range state.DelegateTokens {
		if err := s.addKnownToken(t); err != nil {
			return err
		}
	}
	for _, d := range state.Delegates {
		if err := s.addKnownDelegate(d); err != nil {
			return err
		}
	}
	for _, o := range state.Overrides {
		if err := s.putForeignOverride(o); err != nil {
			return err
		}
	}
	return nil
}

// addKnownKey adds a key of an account that exists.
func (s *Simulator) addKnownKey(k Key) error {
	if k.Token == "" {
		return fmt.Errorf("key of account %q has no token", k.AccountID)
	}
	if err := s.checkKnown(scope{account: k.AccountID}); err != nil {
		return fmt.Errorf("key: %w", err)
	}
	s.addKey(k)
	return nil
}

// addKnownToken adds a delegate token at a scope that exists.
func (s *Simulator) addKnownToken(t DelegateToken) error {
	if err := t.Validate(); err != nil {
		return err
	}
	if err := s.checkKnown(t.scope()); err != nil {
		return fmt.Errorf("delegate token %s: %w", t.Name, err)
	}
	s.addToken(t)
	return nil
}

// addKnownDelegate adds a delegate at a scope that exists.
func (s *Simulator) addKnownDelegate(d Delegate) error {
	if err := d.Validate(); err != nil {
		return err
	}
	if err := s.checkKnown(d.scope()); err != nil {
		return fmt.Errorf("delegate %s: %w", d.Name, err)
	}
	s.addDelegate(d)
	return nil
}
