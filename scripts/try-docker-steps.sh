#!/usr/bin/env bash
# Runs the Dockerfile's RUN steps in a clean folder, without Docker: the same lock files, the same wheel, the same checks.
# Not covered: the base image, the user that is created, the read-only root file system.
#   scripts/try-docker-steps.sh [--keep]
set -euo pipefail
source_dir="$(cd "$(dirname "$0")/.." && pwd)"
place="$(mktemp -d)"
if [ "${1:-}" != "--keep" ]; then trap 'rm -rf "$place"' EXIT; fi
echo "in $place"
mkdir "$place/src" "$place/empty"

# Only what .dockerignore lets through.
cd "$source_dir"
cp -R alertd rules channels templates config requirements pyproject.toml README.md LICENSE "$place/src/"
find "$place/src" -name __pycache__ -type d -prune -exec rm -rf {} +

cd "$place/src"
export PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$place/opt-alertd"
"$place/opt-alertd/bin/python" -m pip install --quiet --require-hashes -r requirements/runtime.txt
python3 -m venv "$place/opt-build"
"$place/opt-build/bin/python" -m pip install --quiet --require-hashes -r requirements/build.txt
"$place/opt-build/bin/python" -m hatchling build -t wheel
"$place/opt-alertd/bin/python" -m pip install --quiet --no-deps --no-index dist/alertd-*.whl
"$place/opt-alertd/bin/alertd" --version

# What the image is for, from an empty folder, as the installed program.
cd "$place/empty"
"$place/opt-alertd/bin/alertd" init home
"$place/opt-alertd/bin/alertd" check --home home
"$place/opt-alertd/bin/alertd" demo
echo "every step that needs no Docker passed"
