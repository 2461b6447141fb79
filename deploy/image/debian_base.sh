#!/bin/sh
# Make a base image of Debian's own packages, where no registry is at hand: needs root, debootstrap
# and buildah. deploy/image/debian_base.sh TAG [SUITE]
set -eu
tag=$1 suite=${2:-bookworm}
for tool in debootstrap buildah; do
    command -v $tool > /dev/null || { echo "$tool is not here: apt-get install $tool" >&2; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates "$suite" "$folder/root"
rm -rf "$folder/root/var/cache/apt" "$folder/root/var/lib/apt/lists"
container=$(buildah from scratch)
buildah add --quiet "$container" "$folder/root" /
buildah commit --quiet --rm "$container" "$tag"
