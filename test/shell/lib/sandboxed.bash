# shellcheck shell=bash
# shellcheck disable=SC2154 # make_home sets WORK
# For the files whose tests run an installed awsrole against the sandbox STS: loaded first, so that what a file has to
# do otherwise it defines anew.

load lib/shells
load lib/world
load lib/terminal

setup_file() { start_world; }

teardown_file() { stop_sandbox; }

setup() { make_home; }

teardown() { end_test; }

# Installs awsrole and starts the STS, once for the file.
start_world() {
  export REPOSITORY=${BATS_TEST_DIRNAME%/test/shell}
  install_once
  start_sandbox
}

# Closes the terminal. The hostile texts of the tests try to make a file in WORK.
end_test() {
  close_terminal
  [ -z "$(ls -A "$WORK")" ] || { echo "something was executed: $(ls -A "$WORK")" && return 1; }
}
