#!/bin/sh
set -eu

base_image="$(terraform output -raw base_image)"
image="registry.example.com/payments/delegate:${base_image##*:}"

docker build --pull --build-arg "BASE_IMAGE=$base_image" --tag "$image" .
docker push "$image"
