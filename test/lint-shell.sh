#!/bin/sh
# Checks every shell file, and the manual page, with the tools of their kind. With CI=true a missing tool is a failure, else it is said.
set -eu
cd "$(dirname "$0")/.."

failed=0
run() {
  tool=$1
  if ! command -v "$tool" >/dev/null 2>&1; then
    echo "lint-shell: $tool is not installed, its check was skipped" >&2
    if [ "${CI-}" = true ]; then failed=1; fi
  elif ! "$@"; then
    failed=1
  fi
}

# shellcheck disable=SC2046 # no name in here has a blank
{
  run shellcheck $(git ls-files '*.sh' '*.bash' shell/awsrole .ci/run)
  run shellcheck -S warning -e SC2154 $(git ls-files '*.bats') # bats sets variables and runs tests in subshells
  run shfmt -i 2 -ci -d $(git ls-files '*.sh' '*.bash' '*.bats' shell/awsrole .ci/run)
  for file in $(git ls-files '*.zsh' '*/_awsrole'); do run zsh -n "$file"; done
  for file in $(git ls-files '*.fish'); do run fish --no-execute "$file"; done
  run mandoc -T lint man/*.1
  run pwsh -NoProfile -File test/lint-powershell.ps1 $(git ls-files 'install.ps1' 'shell/*.ps*')
}
exit "$failed"
