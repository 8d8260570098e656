# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# How nushell says things. For test/shell/other-shells.bats.

program=nu
start=(nu --no-config-file)
start_words='nu --no-config-file'
terminal=(nu --no-config-file)
completes=1
settings=()

# quote TEXT: as one word.
quote() {
  local escaped=${1//\\/\\\\}
  printf '"%s"' "${escaped//\"/\\\"}"
}

# A failure would end the script. Only the status is kept, in a list, which no child gets.
attempt() { echo "try { $1; \$env.TEST_STATUS = [0] } catch {|e| \$env.TEST_STATUS = [(\$e.exit_code? | default 1)] }"; }
words() {
  local word
  for word; do printf ' %s' "$(quote "$word")"; done
}
code_awsrole() { attempt "awsrole$(words "$@")"; }
code_input() { attempt "$(quote "$1") | awsrole$(words "${@:2}")"; }
code_run() { echo "^$(quote "$1")$(words "${@:2}")"; }

# nushell reads what is to be sourced before it runs anything.
code_load() {
  "$PREFIX/bin/awsrole" init nushell >"$BATS_TEST_TMPDIR/awsrole.nu"
  echo "source $(quote "$BATS_TEST_TMPDIR/awsrole.nu")"
}
code_export() { echo "\$env.$1 = $(quote "$2")"; }
code_status() { echo "print \$\"$1 status (\$env.TEST_STATUS.0)\""; }
code_child() { echo "^$start_words $(quote "$1")"; }
code_prelude() { :; }
