# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# How bash and zsh say things: each code_ function prints a line of the shell's own code.

# quote TEXT: as one word.
quote() {
  local escaped=${1//\'/\'\\\'\'}
  printf "'%s'" "$escaped"
}

# code_awsrole WORD...
code_awsrole() {
  local word
  printf awsrole
  for word; do printf ' %s' "$(quote "$word")"; done
  echo
}

code_load() { echo ". $(quote "$integration")"; }
# A shell variable that child processes do not get.
code_set() { echo "$1=$(quote "$2")"; }
code_export() { echo "export $1=$(quote "$2")"; }
code_unset() { echo "unset -v $1"; }
code_readonly() { echo "readonly $1=$(quote "$2")"; }
# Prints the status of the line before it, as `LABEL status N`.
code_status() { echo "echo \"$1 status \$?\""; }
# Prints each variable as `NAME exported VALUE`, `NAME shell VALUE` or `NAME unset`.
code_show() {
  local name
  for name; do echo "test_show $name"; done
}
# Writes down the environment (LABEL.env) and everything else that the shell holds (LABEL.shell).
code_dump() { echo "test_dump $1"; }
# Shows in a trace of system calls.
code_mark() { echo "cd $(quote "$BATS_TEST_TMPDIR/mark-$1")"; }
# A child shell that runs a script.
code_child() { echo "$start_words $(quote "$1")"; }
# The lines on standard input as one command.
code_group() { printf '{ %s\n}' "$(cat)"; }
# Every command is shown before it is run.
code_trace() { echo 'set -x'; }
code_prompt() { echo "PS1='ready> '"; }
