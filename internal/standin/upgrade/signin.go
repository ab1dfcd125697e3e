package upgrade

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// signedFor is how long a signature counts.
const signedFor = 30 * time.Minute

// sign makes the JWT that proves the possession of the token, which itself never travels.
func sign(token, accountID string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(token)}, nil)
	if err != nil {
		return "", fmt.Errorf("preparing to sign in: %w", err)
	}
	text, err := jwt.Signed(signer).Claims(jwt.Claims{
		Issuer:    "upgrader",
		Subject:   accountID,
		Audience:  jwt.Audience{"manager"},
		IssuedAt:  jwt.NewNumericDate(now),
		NotBefore: jwt.NewNumericDate(now),
		Expiry:    jwt.NewNumericDate(now.Add(signedFor)),
		ID:        rand.Text(),
	}).Serialize()
	switch {
	case errors.Is(err, jose.ErrInvalidKeySize):
		return "", errors.New("UPGRADER_TOKEN is too short to be a delegate token")
	case err != nil:
		return "", fmt.Errorf("signing in: %w", err)
	}
	return text, nil
}
