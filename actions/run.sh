#!/usr/bin/env bash
# One tdev command as an action's step: inputs come as INPUT_* variables, the result goes to GITHUB_OUTPUT.
# Ends with tdev's own exit code (docs/commands.md).
set -euo pipefail

result="${RUNNER_TEMP:?is set by the runner}/tdev-result.json"
words=("$INPUT_COMMAND" --repo "$INPUT_REPOSITORY" --json)
case "$INPUT_COMMAND" in
  gate) ;;
  build | evolve)
    [[ -z "$INPUT_ENGINE" ]] || words+=(--engine "$INPUT_ENGINE")
    [[ -z "$INPUT_USD" ]] || words+=(--usd "$INPUT_USD")
    [[ "$INPUT_DRY_RUN" != true ]] || words+=(--dry-run)
    [[ "$INPUT_PLAN_ONLY" != true ]] || words+=(--plan-only)
    if [[ -n "$INPUT_FILE" ]]; then
      words+=(--file "$INPUT_FILE")
    elif [[ -n "$INPUT_GOAL" ]]; then
      words+=(-- "$INPUT_GOAL")
    fi
    ;;
  *)
    echo "::error::The input command is '$INPUT_COMMAND'; it must be build, evolve or gate."
    exit 2
    ;;
esac

code=0
"$TDEV" "${words[@]}" > "$result" || code=$?
cat "$result"
"$(dirname "$TDEV")/python" "$(dirname "${BASH_SOURCE[0]}")/outputs.py" "$result" "$code" >> "${GITHUB_OUTPUT:?is set by the runner}"
body="$(dirname "$result")/tdev-pull-request.md"
if [[ -s "$body" && -n "${GITHUB_STEP_SUMMARY:-}" ]]; then
  cat "$body" >> "$GITHUB_STEP_SUMMARY"
fi
exit "$code"
