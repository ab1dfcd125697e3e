package functions

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/harnessdelegate/terraform-provider-harnessdelegate/internal/delegate"
)

// ecsContainer is a delegate's container on Amazon ECS.
type ecsContainer struct {
	Name            string
	Image           string
	AccountID       string
	ManagerEndpoint string
	LogServiceURL   string
	DelegateName    string
	DelegateTags    []string
	// TokenSecretARN refers to the delegate token, which is no part of a task
	// definition: everybody who may describe one could read it.
	TokenSecretARN string
	LaunchType     string
	// StopTimeout is how long the delegate may take to finish its tasks, in seconds.
	StopTimeout int64
	// CPU is in 1024ths of a core, Memory and MemoryReservation in MiB.
	CPU, Memory       int64
	MemoryReservation *int64
	Environment       map[string]string
}

// What a container has that doesn't say. A delegate is documented with a core and
// 2 GiB.
const (
	defaultECSCPU    = 1024
	defaultECSMemory = 2048
)

// leastECSMemory is Docker's least memory in MiB.
const leastECSMemory = 6

const (
	fargate = "FARGATE"
	week    = 7 * 24 * 60 * 60
)

// maxStopTimeout is the longest stop_timeout of each launch type, in seconds. ECS
// has a limit on Fargate only; elsewhere more than a week is probably a mistake,
// such as milliseconds.
var maxStopTimeout = map[string]int64{"EC2": week, "EXTERNAL": week, fargate: 120, "MANAGED_INSTANCES": week}

// ecsToken is the variable with the delegate's token.
const ecsToken = "DELEGATE_TOKEN"

// Expressions are compiled when they are needed, not whenever Terraform starts
// the provider.
var (
	ecsName = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	})
	secretARN = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:|ssm:[a-z0-9-]+:\d{12}:parameter/)\S+$`)
	})
)

// check tells what is wrong with the container, and names the attribute.
func (c ecsContainer) check() error {
	if err := checkImage(c.Image); err != nil {
		return fmt.Errorf("image: %w", err)
	}
	if err := (delegate.Scope{Account: c.AccountID}).Validate(); err != nil {
		return fmt.Errorf("account_id: %w", err)
	}
	if err := delegate.CheckManagerEndpoint(c.ManagerEndpoint); err != nil {
		return fmt.Errorf("manager_endpoint is %q and must be an address such as https://app.harness.io: %w", c.ManagerEndpoint, err)
	}
	switch {
	case !ecsName().MatchString(c.Name):
		return fmt.Errorf("name, which is delegate_name if left out, is %q; a container on ECS has up to 255 letters, digits, hyphens and underscores", c.Name)
	case !secretARN().MatchString(c.TokenSecretARN):
		return errors.New("token_secret_arn must be the ARN of a secret of Secrets Manager or of a parameter of Systems Manager, " +
			"such as arn:aws:secretsmanager:eu-west-1:123456789012:secret:delegate-token-AbCdEf; what it is isn't shown here, because it may be the token itself")
	case c.CPU < 0:
		return fmt.Errorf("cpu is %d, and can't be less than 0; 1024 is a core", c.CPU)
	case c.Memory < leastECSMemory:
		return fmt.Errorf("memory is %d, and must be %d or more (MiB)", c.Memory, leastECSMemory)
	case c.MemoryReservation != nil && (*c.MemoryReservation < leastECSMemory || *c.MemoryReservation > c.Memory):
		return fmt.Errorf("memory_reservation is %d, and must be between %d and memory, which is %d (MiB)", *c.MemoryReservation, leastECSMemory, c.Memory)
	}
	if err := c.checkStopTimeout(); err != nil {
		return err
	}
	return c.checkEnvironment()
}

func (c ecsContainer) checkStopTimeout() error {
	limit, known := maxStopTimeout[c.LaunchType]
	if !known {
		return fmt.Errorf("launch_type is %q, and must be one of %s", c.LaunchType, strings.Join(slices.Sorted(maps.Keys(maxStopTimeout)), ", "))
	}
	if c.StopTimeout >= 1 && c.StopTimeout <= limit {
		return nil
	}
	advice := ""
	if c.LaunchType == fargate && c.StopTimeout > limit {
		advice = "; a delegate whose tasks take longer needs the launch type EC2 or MANAGED_INSTANCES, or Kubernetes"
	}
	return fmt.Errorf("stop_timeout is %d, and must be between 1 and %d seconds with the launch type %s%s", c.StopTimeout, limit, c.LaunchType, advice)
}

func (c ecsContainer) checkEnvironment() error {
	own := c.ownEnvironment()
	for _, name := range slices.Sorted(maps.Keys(c.Environment)) {
		_, set := own[name]
		switch {
		case delegate.CheckVariableName(name) != nil:
			return fmt.Errorf("environment has a variable whose name is invalid: %w", delegate.CheckVariableName(name))
		case name == ecsToken:
			return fmt.Errorf("environment has %s, which all who may describe the task definition could read; it comes from token_secret_arn", ecsToken)
		case set:
			return fmt.Errorf("environment has %s, which follows from the other attributes", name)
		}
	}
	for _, tag := range c.DelegateTags {
		if strings.TrimSpace(tag) == "" || strings.Contains(tag, ",") {
			return fmt.Errorf("delegate_tags has %q; a tag isn't empty and has no comma, which stands between tags", tag)
		}
	}
	return nil
}

// ownEnvironment is the documented environment. Variables that would be empty are
// left out, which is the same to a delegate.
func (c ecsContainer) ownEnvironment() map[string]string {
	own := map[string]string{
		"ACCOUNT_ID":                c.AccountID,
		"DELEGATE_NAME":             c.DelegateName,
		"DELEGATE_TYPE":             "DOCKER",
		"DEPLOY_MODE":               "KUBERNETES",
		"LOG_STREAMING_SERVICE_URL": c.LogServiceURL,
		"MANAGER_HOST_AND_PORT":     c.ManagerEndpoint,
		"NEXT_GEN":                  "true",
	}
	if len(c.DelegateTags) > 0 {
		own["DELEGATE_TAGS"] = strings.Join(c.DelegateTags, ",")
	}
	return own
}

// definition is the container definition, with the names of ECS.
func (c ecsContainer) definition(ctx context.Context) (attr.Value, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	environment := c.ownEnvironment()
	maps.Copy(environment, c.Environment)
	members := map[string]attr.Value{
		"name":        types.StringValue(c.Name),
		"image":       types.StringValue(c.Image),
		"essential":   types.BoolValue(true),
		"cpu":         types.Int64Value(c.CPU),
		"memory":      types.Int64Value(c.Memory),
		"stopTimeout": types.Int64Value(c.StopTimeout),
		"environment": pairs("value", environment),
		"secrets":     pairs("valueFrom", map[string]string{ecsToken: c.TokenSecretARN}),
	}
	if c.MemoryReservation != nil {
		members["memoryReservation"] = types.Int64Value(*c.MemoryReservation)
	}
	return objectOf(ctx, members), nil
}

// pairs is how ECS writes a map of texts. It keeps no order of its own, and so
// they are in the order of their names, in which plans compare well.
func pairs(value string, of map[string]string) attr.Value {
	kind := types.ObjectType{AttrTypes: map[string]attr.Type{"name": types.StringType, value: types.StringType}}
	var entries []attr.Value
	for _, name := range slices.Sorted(maps.Keys(of)) {
		entries = append(entries, types.ObjectValueMust(kind.AttrTypes, map[string]attr.Value{
			"name": types.StringValue(name), value: types.StringValue(of[name]),
		}))
	}
	return types.ListValueMust(kind, entries)
}

func objectOf(ctx context.Context, members map[string]attr.Value) attr.Value {
	kinds := map[string]attr.Type{}
	for name, value := range members {
		kinds[name] = value.Type(ctx)
	}
	return types.ObjectValueMust(kinds, members)
}
