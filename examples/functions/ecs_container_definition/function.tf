# For container_definitions of aws_ecs_task_definition.
output "container_definitions" {
  value = jsonencode([provider::harnessdelegate::ecs_container_definition({
    image            = "harness/delegate:24.04.82804"
    account_id       = "aBcDeFgHiJkLmNoPqRsTuV"
    manager_endpoint = "https://app.harness.io"
    delegate_name    = "payments-delegate"
    delegate_tags    = ["ecs", "linux"]

    # A reference. The token itself is in no task definition, and in no state.
    token_secret_arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:payments-delegate-token-AbCdEf"

    # Fargate allows two minutes at most.
    launch_type  = "FARGATE"
    stop_timeout = 120
  })])
}
