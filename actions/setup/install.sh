#!/usr/bin/env bash
# Installs the tdev that lies beside this script into an environment of its own and puts it on PATH of later steps.
# On a runner that GitHub hosts it also makes bubblewrap work: installs it, and lifts AppArmor's restriction of user
# namespaces where nothing else helps. Reads: INPUT_PYTHON (may be empty), RUNNER_TEMP, GITHUB_PATH, GITHUB_OUTPUT,
# GITHUB_ACTIONS, RUNNER_ENVIRONMENT. A second call finds the first's work.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
environment="${RUNNER_TEMP:?is set by the runner}/tdev-environment"

python=""
for name in ${INPUT_PYTHON:+"$INPUT_PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
  if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python="$name"
    break
  fi
  if [[ "$name" == "${INPUT_PYTHON:-}" ]]; then
    echo "::error::The input python names $name, which does not run or is older than 3.11."
    exit 2
  fi
done
if [[ -z "$python" ]]; then
  echo "::error::tdev needs Python 3.11 or newer on the runner; actions/setup-python brings one."
  exit 2
fi

if [[ ! -f "$environment/.ready" ]]; then
  uv="$("$python" "$root/.ci/set_up.py" uv)"
  "$uv" venv --quiet --no-project --clear --python "$python" "$environment"
  "$uv" pip install --quiet --python "$environment/bin/python" --constraints "$root/requirements.lock" "$root"
  touch "$environment/.ready"
fi

walls() { # the sandbox starts a program
  bwrap --unshare-all --unshare-user --ro-bind / / --proc /proc --dev /dev -- true 2> /dev/null
}

if ! walls && [[ "${GITHUB_ACTIONS:-}" == true && "${RUNNER_ENVIRONMENT:-}" == github-hosted ]] \
  && sudo --non-interactive true 2> /dev/null; then
  if ! command -v bwrap > /dev/null && command -v apt-get > /dev/null; then
    sudo apt-get update -qq
    sudo apt-get install -qq -y --no-install-recommends bubblewrap
  fi
  restriction=/proc/sys/kernel/apparmor_restrict_unprivileged_userns
  if ! walls && [[ -f "$restriction" ]]; then
    sudo sysctl --quiet kernel.apparmor_restrict_unprivileged_userns=0
  fi
fi
walls || echo "::warning::bubblewrap does not work here; \`tdev doctor\` says what is missing."

version="$("$environment/bin/tdev" --version)"
echo "$version in $environment"
echo "$environment/bin" >> "${GITHUB_PATH:?is set by the runner}"
echo "version=${version#tdev }" >> "${GITHUB_OUTPUT:?is set by the runner}"
echo "tdev=$environment/bin/tdev" >> "$GITHUB_OUTPUT"
