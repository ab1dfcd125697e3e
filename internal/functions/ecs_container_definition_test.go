package functions_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/functions"
)

const tokenARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:delegate-token-AbCdEf"

// ecs is an argument of ecs_container_definition with its required attributes,
// and changes to them. Nil takes an attribute away.
func ecs(changes map[string]attr.Value) attr.Value {
	values := map[string]attr.Value{
		"image":            types.StringValue("harness/delegate:24.04.82804"),
		"account_id":       types.StringValue("aBcDeFgHiJkLmNoPqRsTuV"),
		"manager_endpoint": types.StringValue("https://app.harness.io/"),
		"delegate_name":    types.StringValue("payments"),
		"token_secret_arn": types.StringValue(tokenARN),
		"launch_type":      types.StringValue("FARGATE"),
		"stop_timeout":     types.Int64Value(120),
	}
	maps.Copy(values, changes)
	kinds := map[string]attr.Type{}
	for name, value := range values {
		if value == nil {
			delete(values, name)
			continue
		}
		kinds[name] = typeOf(value)
	}
	return types.DynamicValue(types.ObjectValueMust(kinds, values))
}

func typeOf(value attr.Value) attr.Type { return value.Type(context.Background()) }

func texts(values ...string) attr.Value {
	kinds, elements := []attr.Type{}, []attr.Value{}
	for _, value := range values {
		kinds, elements = append(kinds, types.StringType), append(elements, types.StringValue(value))
	}
	return types.TupleValueMust(kinds, elements)
}

func variables(of map[string]attr.Value) attr.Value {
	kinds := map[string]attr.Type{}
	for name, value := range of {
		kinds[name] = typeOf(value)
	}
	return types.ObjectValueMust(kinds, of)
}

// entries is a list of ECS's pairs.
func entries(value string, pairs ...string) []any {
	list := []any{}
	for pair := range slices.Chunk(pairs, 2) {
		list = append(list, map[string]any{"name": pair[0], value: pair[1]})
	}
	return list
}

func TestECSContainerDefinition(t *testing.T) {
	t.Parallel()
	documented := []string{
		"ACCOUNT_ID", "aBcDeFgHiJkLmNoPqRsTuV", "DELEGATE_NAME", "payments", "DELEGATE_TYPE", "DOCKER", "DEPLOY_MODE", "KUBERNETES",
		"LOG_STREAMING_SERVICE_URL", "https://app.harness.io/log-service/", "MANAGER_HOST_AND_PORT", "https://app.harness.io", "NEXT_GEN", "true",
	}
	least := map[string]any{
		"name": "payments", "image": "harness/delegate:24.04.82804", "essential": true, "cpu": 1024.0, "memory": 2048.0, "stopTimeout": 120.0,
		"environment": entries("value", documented...), "secrets": entries("valueFrom", "DELEGATE_TOKEN", tokenARN),
	}
	with := func(changes map[string]any) map[string]any {
		changed := maps.Clone(least)
		maps.Copy(changed, changes)
		return changed
	}
	for name, tc := range map[string]struct {
		given map[string]attr.Value
		want  map[string]any
	}{
		"the least": {nil, least},
		"null is left out": {
			map[string]attr.Value{"name": types.StringNull(), "cpu": types.Int64Null(), "delegate_tags": types.DynamicNull(), "environment": types.DynamicNull()}, least,
		},
		"numbers as texts": {map[string]attr.Value{"stop_timeout": types.StringValue("90")}, with(map[string]any{"stopTimeout": 90.0})},
		"on EC2": {
			map[string]attr.Value{"launch_type": types.StringValue("EC2"), "stop_timeout": types.Int64Value(3600)}, with(map[string]any{"stopTimeout": 3600.0}),
		},
		"on managed instances": {
			map[string]attr.Value{"launch_type": types.StringValue("MANAGED_INSTANCES"), "stop_timeout": types.Int64Value(3600)}, with(map[string]any{"stopTimeout": 3600.0}),
		},
		"all else": {
			map[string]attr.Value{
				"name": types.StringValue("delegate"), "cpu": types.Int64Value(512), "memory": types.Int64Value(4096), "memory_reservation": types.Int64Value(1024),
				"delegate_tags": texts("linux", "ecs"), "log_streaming_service_url": types.StringValue("https://logs.example.com/"),
				"environment": variables(map[string]attr.Value{"PROXY_PORT": types.Int64Value(3128), "A": types.BoolValue(true)}),
			},
			with(map[string]any{
				"name": "delegate", "cpu": 512.0, "memory": 4096.0, "memoryReservation": 1024.0,
				"environment": entries("value", "A", "true", "ACCOUNT_ID", "aBcDeFgHiJkLmNoPqRsTuV", "DELEGATE_NAME", "payments", "DELEGATE_TAGS", "linux,ecs",
					"DELEGATE_TYPE", "DOCKER", "DEPLOY_MODE", "KUBERNETES", "LOG_STREAMING_SERVICE_URL", "https://logs.example.com/",
					"MANAGER_HOST_AND_PORT", "https://app.harness.io", "NEXT_GEN", "true", "PROXY_PORT", "3128"),
			}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, failure := call(t, functions.NewECSContainerDefinition(), ecs(tc.given))
			if failure != nil {
				t.Fatal(failure)
			}
			if diff := cmp.Diff(any(tc.want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestECSContainerDefinition_refuses(t *testing.T) {
	text, number := types.StringValue, types.Int64Value
	const (
		week   = "and must be between 1 and 604800 seconds with the launch type "
		secret = "token_secret_arn must be the ARN of a secret of Secrets Manager or of a parameter of Systems Manager, " +
			"such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:delegate-token-AbCdEf; what it is isn't shown here, because it may be the token itself"
	)
	var cases []refusal
	for _, tc := range []struct {
		name  string
		given map[string]attr.Value
		says  string
	}{
		{"Fargate's limit", map[string]attr.Value{"stop_timeout": number(121)}, "stop_timeout is 121, and must be between 1 and 120 seconds with the launch type FARGATE; " +
			"a delegate whose tasks take longer needs the launch type EC2 or MANAGED_INSTANCES, or Kubernetes"},
		{"no time on Fargate", map[string]attr.Value{"stop_timeout": number(0)}, "stop_timeout is 0, and must be between 1 and 120 seconds with the launch type FARGATE"},
		{"no time on EC2", map[string]attr.Value{"stop_timeout": number(0), "launch_type": text("EC2")}, "stop_timeout is 0, " + week + "EC2"},
		{"milliseconds", map[string]attr.Value{"stop_timeout": number(3600000), "launch_type": text("MANAGED_INSTANCES")}, "stop_timeout is 3600000, " + week + "MANAGED_INSTANCES"},
		{"a part of a second", map[string]attr.Value{"stop_timeout": types.Float64Value(1.5)}, "stop_timeout must be a whole number"},
		{"no stop_timeout", map[string]attr.Value{"stop_timeout": nil}, "stop_timeout is required"},
		{"launch type", map[string]attr.Value{"launch_type": text("fargate")}, `launch_type is "fargate", and must be one of EC2, EXTERNAL, FARGATE, MANAGED_INSTANCES`},
		{"no image", map[string]attr.Value{"image": nil}, "image is required, and null or empty"},
		{"a version", map[string]attr.Value{"image": text("24.04.82804")}, `image: "24.04.82804" has no repository in front of the tag; the published image is harness/delegate:24.04.82804`},
		{"an empty account", map[string]attr.Value{"account_id": text("")}, "account_id is required, and null or empty"},
		{"an account with a blank", map[string]attr.Value{"account_id": text("aBc DeF")}, `account_id: "aBc DeF" is not a Harness identifier: those have no slashes, blanks or control characters`},
		{"an account with a line feed", map[string]attr.Value{"account_id": text("aBcDeF\n")}, `account_id: "aBcDeF\n" is not a Harness identifier: those have no slashes, blanks or control characters`},
		{"the gateway", map[string]attr.Value{"manager_endpoint": text("https://app.harness.io/gateway")}, `manager_endpoint is "https://app.harness.io/gateway" and must be an address such as https://app.harness.io: /gateway is for clients of the API, and upgraders and delegates add their own path`},
		{"a name with a dot", map[string]attr.Value{"delegate_name": text("a.b")}, `name, which is delegate_name if left out, is "a.b"; a container on ECS has up to 255 letters, digits, hyphens and underscores`},
		{"the token itself", map[string]attr.Value{"token_secret_arn": text("canary")}, secret},
		{"another ARN", map[string]attr.Value{"token_secret_arn": text("arn:aws:iam::123456789012:role/x")}, secret},
		{"cpu", map[string]attr.Value{"cpu": number(-1)}, "cpu is -1, and can't be less than 0; 1024 is a core"},
		{"memory", map[string]attr.Value{"memory": number(2)}, "memory is 2, and must be 6 or more (MiB)"},
		{"reservation", map[string]attr.Value{"memory_reservation": number(4096)}, "memory_reservation is 4096, and must be between 6 and memory, which is 2048 (MiB)"},
		{"the token in the open", map[string]attr.Value{"environment": variables(map[string]attr.Value{"DELEGATE_TOKEN": text("canary")})}, "environment has DELEGATE_TOKEN, which all who may describe the task definition could read; it comes from token_secret_arn"},
		{"another account", map[string]attr.Value{"environment": variables(map[string]attr.Value{"ACCOUNT_ID": text("x")})}, "environment has ACCOUNT_ID, which follows from the other attributes"},
		{"no variable's name", map[string]attr.Value{"environment": variables(map[string]attr.Value{"": text("x")})}, "environment has a variable whose name is invalid: it is empty"},
		{"a value in a name", map[string]attr.Value{"environment": variables(map[string]attr.Value{"A=B": text("x")})}, `environment has a variable whose name is invalid: it begins with "A="; a name has no =, so write the value as the value of the map`},
		{"a token in a name", map[string]attr.Value{"environment": variables(map[string]attr.Value{"DELEGATE_TOKEN=canary": text("")})}, `environment has a variable whose name is invalid: it begins with "DELEGATE_TOKEN="; a name has no =, so write the value as the value of the map`},
		{"no texts", map[string]attr.Value{"environment": variables(map[string]attr.Value{"A": texts("x")})}, "environment must be a map of texts, and A is none"},
		{"no map", map[string]attr.Value{"environment": text("A=b")}, "environment must be a map of texts"},
		{"no list", map[string]attr.Value{"delegate_tags": text("linux")}, "delegate_tags must be a list of texts"},
		{"a list as a text", map[string]attr.Value{"delegate_tags": texts("linux,ecs")}, `delegate_tags has "linux,ecs"; a tag isn't empty and has no comma, which stands between tags`},
		{"a list of lists", map[string]attr.Value{"delegate_tags": types.TupleValueMust([]attr.Type{typeOf(texts())}, []attr.Value{texts()})}, "delegate_tags must be a list of texts"},
		{"a slip", map[string]attr.Value{"stop_time_out": number(1)}, "there is no attribute stop_time_out; there are account_id, cpu, delegate_name, delegate_tags, environment, image, launch_type, " +
			"log_streaming_service_url, manager_endpoint, memory, memory_reservation, name, stop_timeout, token_secret_arn"},
		{"a list for a text", map[string]attr.Value{"name": texts("x")}, "name must be a text"},
	} {
		cases = append(cases, refusal{tc.name, []any{ecs(tc.given)}, 0, tc.says})
		if strings.Contains(tc.says, "canary") {
			t.Errorf("%s: the error shows the token", tc.name)
		}
	}
	cases = append(cases, refusal{"no object", []any{types.DynamicValue(text("x"))}, 0, `it must be an object, such as { image = "harness/delegate:24.04.82804", … }`})
	refuses(t, functions.NewECSContainerDefinition(), cases)
}
