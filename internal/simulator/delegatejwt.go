package simulator

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// clockSkew is how far ahead the clock of an upgrader may be.
const clockSkew = time.Minute

const encryptedJWTParts = 5

// authenticateDelegate verifies the header "Authorization: Delegate <JWT>" against the delegate tokens of the account.
// The token itself never travels: it signs the JWT, or encrypts it. A missing header is an error the Manager did not foresee.
// The shape of the error bodies is assumed to be that of other refusals.
func (s *Simulator) authenticateDelegate(c *call, accountID string) (*DelegateToken, error) {
	header := c.header.Get("Authorization")
	if header == "" {
		return nil, internalError()
	}
	if accountID == "" {
		return nil, violations([]fieldError{violation("accountId", "must not be empty")})
	}
	text, isDelegate := strings.CutPrefix(header, "Delegate ")
	if !isDelegate || s.accounts[accountID] == nil {
		return nil, unauthorized(codeInvalidToken, messageInvalidToken)
	}
	for _, t := range s.tokens {
		if t.AccountID != accountID {
			continue
		}
		if claims, opened := t.open(text); opened {
			return t, t.judge(claims, c.now)
		}
	}
	return nil, unauthorized(codeInvalidToken, messageInvalidToken)
}

// judge decides about a JWT that was made with this token.
func (t *DelegateToken) judge(claims jwt.Claims, now time.Time) error {
	switch {
	case t.Status() == TokenRevoked:
		return unauthorized(codeRevokedToken, "Token is revoked.")
	case claims.Subject != t.AccountID, claims.Expiry == nil:
		return unauthorized(codeInvalidToken, messageInvalidToken)
	case now.After(claims.Expiry.Time()):
		return unauthorized(codeExpiredToken, "Token has expired.")
	case claims.NotBefore != nil && claims.NotBefore.Time().After(now.Add(clockSkew)):
		return unauthorized(codeInvalidToken, messageInvalidToken)
	}
	return nil
}

// open reads a JWT of either form and reports whether it was made with this token.
func (t *DelegateToken) open(text string) (jwt.Claims, bool) {
	if strings.Count(text, ".") == encryptedJWTParts-1 {
		return t.decrypt(text)
	}
	return t.verify(text)
}

// decrypt opens a JWE under the key that the secret writes in hexadecimal.
func (t *DelegateToken) decrypt(text string) (jwt.Claims, bool) {
	var claims jwt.Claims
	key, err := hex.DecodeString(t.secret())
	if err != nil {
		return claims, false
	}
	token, err := jwt.ParseEncrypted(text, []jose.KeyAlgorithm{jose.DIRECT}, []jose.ContentEncryption{jose.A128GCM})
	if err != nil {
		return claims, false
	}
	return claims, token.Claims(key, &claims) == nil
}

// verify checks an HS256 signature. Whether the key is the value as shown or the secret inside it is not documented,
// so both are accepted.
func (t *DelegateToken) verify(text string) (jwt.Claims, bool) {
	var claims jwt.Claims
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return claims, false
	}
	for _, key := range []string{t.Value, t.secret()} {
		if token.Claims([]byte(key), &claims) == nil {
			return claims, true
		}
	}
	return claims, false
}

// secret is what the value of the token stands for in base64, or the value itself if it is not base64 of hexadecimal digits.
func (t *DelegateToken) secret() string {
	decoded, err := base64.StdEncoding.DecodeString(t.Value)
	if err != nil {
		return t.Value
	}
	if _, err := hex.DecodeString(string(decoded)); err != nil {
		return t.Value
	}
	return string(decoded)
}
