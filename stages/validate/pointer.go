package validate

import (
	"strconv"
	"strings"

	"sluice/pipeline"
)

var pointerEscaper = strings.NewReplacer("~", "~0", "/", "~1")

// pointer returns tokens as a JSON Pointer (RFC 6901).
func pointer(tokens []string) string {
	var sb strings.Builder
	for _, t := range tokens {
		sb.WriteByte('/')
		_, _ = pointerEscaper.WriteString(&sb, t)
	}
	return sb.String()
}

// at returns the value that tokens lead to, the zero Value when there is none.
func at(root pipeline.Value, tokens []string) pipeline.Value {
	v := root
	for _, t := range tokens {
		switch v.Kind() {
		case pipeline.KindObject:
			v = v.Member(t)
		case pipeline.KindArray:
			i, err := strconv.Atoi(t)
			if err != nil {
				return pipeline.Value{}
			}
			v = v.Element(i)
		default:
			return pipeline.Value{}
		}
	}
	return v
}

// compareTokens orders places of a record: the outer before the inner, array
// elements by index and members by name.
func compareTokens(a, b []string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	for i := range a {
		if a[i] == b[i] {
			continue
		}
		if x, y := len(a[i]), len(b[i]); x != y && isIndex(a[i]) && isIndex(b[i]) {
			return x - y
		}
		return strings.Compare(a[i], b[i])
	}
	return 0
}

func isIndex(token string) bool {
	return token != "" && strings.Trim(token, "0123456789") == ""
}

// atAny is at for decoded documents; nil when tokens lead nowhere.
func atAny(v any, tokens []string) any {
	for _, t := range tokens {
		switch c := v.(type) {
		case map[string]any:
			v = c[t]
		case []any:
			i, err := strconv.Atoi(t)
			if err != nil || i < 0 || i >= len(c) {
				return nil
			}
			v = c[i]
		default:
			return nil
		}
	}
	return v
}
