#!/usr/bin/env bash
# Installs the tdev that lies beside this script into an environment of its own and puts it on PATH of later steps.
# `install.sh key` only says what its wheels are called in a cache, and where they are. Every package is checked
# against the hash in requirements.lock, every outside program against its own lock, from a cache or not. On a runner
# that GitHub hosts it also makes bubblewrap work: installs it, and lifts AppArmor's restriction of user namespaces where
# nothing else helps.
# Reads: INPUT_PYTHON, INPUT_TOOLS (true, false, or needed: each program when it is first used), INPUT_CACHE (true:
# leave wheels for a cache), GITHUB_PATH, GITHUB_OUTPUT, GITHUB_ACTIONS, RUNNER_ENVIRONMENT, TDEV_HOME, XDG_STATE_HOME.
# A second call finds the first's work.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
state="${TDEV_HOME:-${XDG_STATE_HOME:-$HOME/.local/state}/tdev}"

python=""
for name in ${INPUT_PYTHON:+"$INPUT_PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
  if version="$("$name" -c 'import platform, sys; print(platform.python_version(), sys.executable)
sys.exit(sys.version_info < (3, 11))' 2> /dev/null)"; then
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

key() { # changes with anything that is installed, the interpreter and the kind of machine
  {
    uname -sm
    echo "$version"
    cd "$root"
    find requirements.lock .ci/set_up.py actions/setup/install.sh policies/tools.toml policies/tools -type f -print0 \
      | LC_ALL=C sort --zero-terminated | xargs --null sha256sum
  } | sha256sum | cut --characters=1-32
}

digest="$(key)"
environment="$state/setup/$digest"
wheels="$state/wheels/$digest"
if [[ "${1:-}" == key ]]; then
  {
    echo "key=tdev-setup-$digest"
    echo "wheels=$wheels"
  } >> "${GITHUB_OUTPUT:?is set by the runner}"
  exit
fi

locked() { # runs an installation from the wheels that a cache brought, and anew where one is missing or is another's
  if [[ -d "$wheels" ]]; then
    UV_OFFLINE=1 UV_FIND_LINKS="$wheels" "$@" && return
    echo "::warning::The cache lacks a package or holds one that is not the locked one; everything is fetched anew."
    rm -rf "$wheels"
  fi
  "$@"
}

fetched=false
if [[ ! -f "$environment/.ready" ]]; then
  mkdir -p "$state/setup"
  uv="$("$python" "$root/.ci/set_up.py" uv)"
  "$uv" venv --quiet --no-project --clear --python "$python" "$environment"
  locked "$uv" pip sync --quiet --python "$environment/bin/python" --require-hashes "$root/requirements.lock"
  touch "$environment/.ready"
fi
# tdev itself is no package here: the files beside this script are what runs.
site="$("$environment/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
echo "$root/bot" > "$site/tdev.pth"
printf '#!%s -P\nimport sys\nfrom tdev.cli.main import main\nsys.exit(main())\n' "$environment/bin/python" \
  > "$environment/bin/tdev"
chmod +x "$environment/bin/tdev"

walls() { # the sandbox starts a program
  bwrap --unshare-all --unshare-user --ro-bind / / --proc /proc --dev /dev -- true 2> /dev/null
}

if [[ "${INPUT_TOOLS:-true}" == true ]]; then
  locked "$environment/bin/tdev" tools install --programs-only
  if [[ "${INPUT_CACHE:-false}" == true && ! -d "$wheels" ]]; then
    "$environment/bin/tdev" tools wheels "$wheels.new" --requirements "$root/requirements.lock"
    mv "$wheels.new" "$wheels"
    fetched=true
  fi
fi
if [[ "${INPUT_TOOLS:-true}" != false ]]; then
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
fi

version="$("$environment/bin/tdev" --version)"
echo "$version in $environment"
echo "$environment/bin" >> "${GITHUB_PATH:?is set by the runner}"
echo "version=${version#tdev }" >> "${GITHUB_OUTPUT:?is set by the runner}"
echo "tdev=$environment/bin/tdev" >> "$GITHUB_OUTPUT"
echo "fetched=$fetched" >> "$GITHUB_OUTPUT"
