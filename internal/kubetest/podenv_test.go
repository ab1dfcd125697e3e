package kubetest

import "testing"

func TestExpand(t *testing.T) {
	env := map[string]string{"NAME": "value", "EMPTY": ""}
	for text, want := range map[string]string{
		"":                    "",
		"plain":               "plain",
		"$(NAME)":             "value",
		"a $(NAME) b $(NAME)": "a value b value",
		"[$(EMPTY)]":          "[]",
		"$(OTHER)":            "$(OTHER)",
		"$$(NAME)":            "$(NAME)",
		"$NAME ${NAME}":       "$NAME ${NAME}",
		"$(NAME":              "$(NAME",
		"$(OTHER $(NAME)":     "$(OTHER $(NAME)",
		"cost: 5$":            "cost: 5$",
	} {
		if got := expand(text, env); got != want {
			t.Errorf("expand(%q) is %q, want %q", text, got, want)
		}
	}
}
