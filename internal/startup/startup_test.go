package startup

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestQuietUnreadLogs(t *testing.T) {
	quiet := map[string]string{"TF_LOG_SDK_PROTO": "OFF", "TF_LOG_SDK_FRAMEWORK": "OFF"}
	for name, test := range map[string]struct {
		environ []string
		want    map[string]string
	}{
		"no log asked for":       {[]string{"HOME=/root"}, quiet},
		"only where to write it": {[]string{"TF_LOG_PATH=/tmp/log"}, quiet},
		"set to nothing":         {[]string{"TF_LOG="}, quiet},
		"everything":             {[]string{"TF_LOG=TRACE"}, map[string]string{}},
		"the core's alone":       {[]string{"TF_LOG_CORE=DEBUG"}, map[string]string{}},
		"one provider's":         {[]string{"TF_LOG_PROVIDER_HARNESSDELEGATE=DEBUG"}, map[string]string{}},
		"in acceptance tests":    {[]string{"TF_ACC_LOG=TRACE"}, map[string]string{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := map[string]string{}
			quietUnreadLogs(test.environ, func(key, value string) error { got[key] = value; return nil })
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
