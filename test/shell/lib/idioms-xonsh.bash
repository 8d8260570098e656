# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# How xonsh says things. For test/shell/other-shells.bats.

program=xonsh
start=(xonsh --no-rc)
start_words='xonsh --no-rc'
terminal=(xonsh --no-rc)
completes=1
settings=()

# quote TEXT: as one word.
quote() {
  local escaped=${1//\\/\\\\}
  escaped=${escaped//$'\n'/\\n}
  printf "@('%s')" "${escaped//\'/\\\'}"
}

words() {
  local word
  for word; do printf ' %s' "$(quote "$word")"; done
}
attempt() { printf 'try:\n    %s\n    test_status = 0\nexcept Exception as error:\n    test_status = getattr(error, "returncode", 1)\n' "$1"; }
code_awsrole() { attempt "awsrole$(words "$@")"; }
code_input() { attempt "echo $(quote "$1") | awsrole$(words "${@:2}")"; }
code_run() { echo "$(quote "$1")$(words "${@:2}")"; }
code_load() { echo "execx(\$($(quote "$PREFIX/bin/awsrole") init xonsh))"; }
code_export() {
  local quoted
  quoted=$(quote "$2")
  echo "\$$1 = ${quoted#@}"
}
code_status() { echo "print('$1 status', test_status)"; }
code_child() { echo "$start_words $(quote "$1")"; }
code_prelude() { echo '$RAISE_SUBPROC_ERROR = True'; }
