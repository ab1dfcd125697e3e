# Set UPGRADER_TOKEN first: docker takes secrets from the environment.
: "${UPGRADER_TOKEN:?is not set}" && export UPGRADER_TOKEN && \
docker run -d \
  --name docker-delegate-upgrader \
  --pull missing \
  --restart unless-stopped \
  --cpus 0.1 \
  --memory 100m \
  --mount type=bind,source=/var/run/docker.sock,target=/var/run/docker.sock \
  -e ACCOUNT_ID=aBcDeFgHiJkLmNoPqRsTuV \
  -e MANAGER_HOST_AND_PORT=https://app.harness.io \
  -e UPGRADER_WORKLOAD_NAME=docker-delegate \
  -e UPGRADER_TOKEN \
  -e 'SCHEDULE=0 */1 * * *' \
  -e CONTAINER_STOP_TIMEOUT=3600 \
  -e DISABLE_AUTO_UPGRADE=false \
  us-west1-docker.pkg.dev/gar-setup/docker/upgrader:latest
