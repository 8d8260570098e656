# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# How elvish says things. For test/shell/other-shells.bats.

program=elvish
start=(elvish -norc)
start_words='elvish -norc'
terminal=(elvish -norc)
completes=1
settings=()

# quote TEXT: as one word.
quote() { printf "'%s'" "${1//\'/\'\'}"; }

words() {
  local word
  for word; do printf ' %s' "$(quote "$word")"; done
}
# A failure would end the script.
attempt() { echo "try { $1; set test-status = 0 } catch e { set test-status = (try { put \$e[reason][exit-status] } catch { put 1 }) }"; }
code_awsrole() { attempt "awsrole$(words "$@")"; }
code_input() { attempt "echo $(quote "$1") | awsrole$(words "${@:2}")"; }
code_run() { echo "$(quote "$1")$(words "${@:2}")"; }
# Only where there is an editor does it define the function itself.
code_load() {
  if [ "${typed-}" = yes ]; then
    echo "eval ($(quote "$PREFIX/bin/awsrole") init elvish | slurp)"
  else
    echo "eval ($(quote "$PREFIX/bin/awsrole") init elvish | slurp) &on-end={|ns| set awsrole~ = \$ns[awsrole~] }"
  fi
}
code_export() { echo "set-env $1 $(quote "$2")"; }
code_status() { echo "echo '$1' status \$test-status"; }
code_child() { echo "$start_words $(quote "$1")"; }
code_prelude() { echo 'var test-status = 0; var awsrole~ = $nop~'; }
