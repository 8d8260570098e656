# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# What ksh, mksh, dash and busybox have in common: those that `awsrole init posix` is for. For test/shell/other-shells.bats.
# shellcheck source=test/shell/lib/idioms-posix.bash
. "$BATS_TEST_DIRNAME/lib/idioms-posix.bash"

completes=

code_prelude() { :; }
code_load() { echo "eval \"\$($(quote "$PREFIX/bin/awsrole") init posix)\""; }
# With a text on standard input: input TEXT WORD...
code_input() {
  printf '%s\n' "$1" >"$BATS_TEST_TMPDIR/input"
  echo "$(code_awsrole "${@:2}") <$(quote "$BATS_TEST_TMPDIR/input")"
}
# Runs a program.
code_run() {
  local word
  printf '\\command'
  for word; do printf ' %s' "$(quote "$word")"; done
  echo
}

settings=(
  errexit_nounset 'set -eu'
  noclobber 'set -C'
  ifs "IFS='aws_:/0 '"
  no_ifs 'unset IFS'
  noglob 'set -f'
  allexport 'set -a'
  aliases "alias unset='touch x' export='touch x' printf='touch x' read='touch x' test='touch x' date='touch x' sed='touch x' tr='touch x' sh='touch x'"
  functions 'printf() { touch x; }; date() { touch x; }; sh() { touch x; }; tr() { touch x; }; test() { touch x; }; sed() { touch x; }; awk() { touch x; }'
  names '__awsrole_text=evil __awsrole_line=evil __awsrole_name=evil __awsrole_left=evil __awsrole_previous= __awsrole_current='
)
