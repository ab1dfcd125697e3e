package functions

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

type ecsContainerDefinition struct{}

// NewECSContainerDefinition makes the function ecs_container_definition.
func NewECSContainerDefinition() function.Function { return ecsContainerDefinition{} }

// Metadata implements function.Function.
func (ecsContainerDefinition) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "ecs_container_definition"
}

// Definition implements function.Function. The parameter is dynamic because
// attributes of an object parameter can't be left out, and the result because one
// with attributes that are null would put "null" into the task definition.
func (ecsContainerDefinition) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Returns the container definition of a delegate on Amazon ECS.",
		MarkdownDescription: "Returns the container definition of a delegate on Amazon ECS, for `container_definitions` of `aws_ecs_task_definition`: " +
			"with a stop timeout that is checked against the limit of the launch type, and with a reference to the token instead of its value.",
		Parameters: []function.Parameter{function.DynamicParameter{
			Name:                "container",
			MarkdownDescription: "The container, as an object with the attributes described below. Optional attributes can be omitted or null.",
		}},
		Return: function.DynamicReturn{},
	}
}

// Run implements function.Function.
func (ecsContainerDefinition) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var argument types.Dynamic
	if resp.Error = req.Arguments.Get(ctx, &argument); resp.Error != nil {
		return
	}
	container, err := ecsContainerOf(ctx, argument.UnderlyingValue())
	if err != nil {
		resp.Error = invalid(0, err)
		return
	}
	definition, err := container.definition(ctx)
	if err != nil {
		resp.Error = invalid(0, err)
		return
	}
	resp.Error = resp.Result.Set(ctx, types.DynamicValue(definition))
}
