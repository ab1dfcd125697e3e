# Set UPGRADER_TOKEN and PROXY_PASSWORD first: docker takes secrets from the environment.
: "${UPGRADER_TOKEN:?is not set}" && export UPGRADER_TOKEN && \
: "${PROXY_PASSWORD:?is not set}" && export PROXY_PASSWORD && \
docker run -d \
  --name docker-delegate-upgrader \
  --pull always \
  --restart no \
  --cpus 0.1 \
  --memory 100m \
  --network 'corp net' \
  --log-driver json-file \
  --log-opt max-file=3 \
  --log-opt max-size=10m \
  --label 'cost=$5' \
  --label 'team=it'\''s ours' \
  --mount 'type=bind,"source=/run/user/1000/a, ""b"".sock",target=/var/run/docker.sock' \
  -e ACCOUNT_ID=aBcDeFgHiJkLmNoPqRsTuV \
  -e MANAGER_HOST_AND_PORT=https://app.harness.io \
  -e UPGRADER_WORKLOAD_NAME=docker-delegate \
  -e UPGRADER_TOKEN \
  -e 'SCHEDULE=0 */1 * * *' \
  -e CONTAINER_STOP_TIMEOUT=2700 \
  -e DISABLE_AUTO_UPGRADE=true \
  -e PROXY_SCHEME=http \
  -e PROXY_HOST=proxy.corp \
  -e PROXY_PORT=3128 \
  -e PROXY_USER=me \
  -e PROXY_PASSWORD \
  -e 'A=line
break $HOME `x`' \
  -e B=yes \
  us-west1-docker.pkg.dev/gar-setup/docker/upgrader:latest
