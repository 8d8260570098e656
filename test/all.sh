#!/bin/sh
# Runs all tests, those in shells also where others have failed. What is not installed cannot be tested: such tests are
# skipped, and named at the end; with CI=true they fail. Options go to bats.
set -u
cd "$(dirname "$0")/.." || exit 1

report=$(mktemp -d) || exit 1
trap 'rm -rf "$report"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
status=0

npx --no-install vitest run || status=1
npm run --silent test:shell -- --report-formatter tap --output "$report" "$@" || status=1

if grep -qs '^ok .* # skip' "$report/report.tap"; then
  echo
  echo 'Skipped in shells:'
  sed -n 's/^ok .* # skip *//p' "$report/report.tap" | sort | uniq -c
fi
exit "$status"
