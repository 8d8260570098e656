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

# run_with_root EXTENSION FILE: what `awsrole init` puts in front of the file belongs to it.
run_with_root() {
  case $1 in
    nu) first='const __awsrole_root = ""' ;;
    elv) first='var root = ""' ;;
    *) first='__awsrole_root = ""' ;;
  esac
  whole=$(mktemp -d)/awsrole.$1
  { echo "$first" && cat "$2"; } >"$whole"
  case $1 in
    nu) run nu --no-config-file --commands "source '$whole'" ;;
    elv) run elvish -compileonly "$whole" ;;
    *) run xonsh --no-rc -c "_ = __xonsh__.execer.parse(open('$whole').read(), ctx=set())" ;;
  esac
  rm -r "${whole%/*}"
}

# shellcheck disable=SC2046 # no name in here has a blank
{
  run shellcheck $(git ls-files '*.sh' '*.bash' shell/awsrole .ci/run)
  run shellcheck -S warning -e SC2154 $(git ls-files '*.bats') # bats sets variables and runs tests in subshells
  run shfmt -i 2 -ci -d $(git ls-files '*.sh' '*.bash' '*.bats' shell/awsrole .ci/run)
  for file in $(git ls-files '*.zsh' '*/_awsrole'); do run zsh -n "$file"; done
  for file in $(git ls-files '*.fish'); do run fish --no-execute "$file"; done
  run mandoc -T lint man/*.1
  for file in $(git ls-files '*.nu' '*.elv' '*.xsh'); do run_with_root "${file##*.}" "$file"; done
  run pwsh -NoProfile -File test/lint-powershell.ps1 $(git ls-files 'install.ps1' 'shell/*.ps*')
}
exit "$failed"
