#!/bin/sh
# Build the image: deploy/image/build.sh BASE TAG [what buildah is told besides]
# BASE is a python image with python3 and venv, best with its digest: python:3.12-slim@sha256:...
# PIP_CONFIG, where set, is a pip.conf that installs from an index of your own.
set -eu
cd "$(dirname "$0")/../.."
base=$1 tag=$2
shift 2
command -v buildah > /dev/null || { echo "buildah is not here: apt-get install buildah" >&2; exit 2; }
version=$(sed -n 's/^VERSION.*"\(.*\)"/\1/p' workers/version.py)
revision=$(git rev-parse HEAD 2> /dev/null || echo unknown)
# The moment of the commit, so that the same commit makes the same labels.
created=$(git show -s --format=%cI HEAD 2> /dev/null || echo unknown)
if [ -n "${PIP_CONFIG:-}" ]; then
    set -- --secret "id=pip,src=$PIP_CONFIG" "$@"
fi
exec buildah build --format docker --build-arg "BASE=$base" --build-arg "VERSION=$version" \
    --build-arg "REVISION=$revision" --build-arg "CREATED=$created" \
    --ignorefile .containerignore --file Containerfile --tag "$tag" "$@" .
