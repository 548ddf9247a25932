#!/usr/bin/env bash
# Finds a Python whose version begins as WANTED says (empty: any) and tells the runner of it.
set -euo pipefail

for name in "python${WANTED%.x}" python3 python3.{14,13,12,11}; do
  found=$("$name" -c 'import platform; print(platform.python_version())' 2> /dev/null) || continue
  if [[ -z "$WANTED" || "$found." == "${WANTED%.x}".* ]]; then
    path=$("$name" -c 'import sys; print(sys.executable)')
    mkdir -p "$RUNNER_TEMP/python"
    ln -sf "$path" "$RUNNER_TEMP/python/python"
    ln -sf "$path" "$RUNNER_TEMP/python/python3"
    echo "$RUNNER_TEMP/python" >> "$GITHUB_PATH"
    printf 'python-version=%s\npython-path=%s\n' "$found" "$path" >> "$GITHUB_OUTPUT"
    echo "Python $found at $path"
    exit
  fi
done
echo "::error::This machine has no Python $WANTED; this stand-in installs none."
exit 1
