# shellcheck shell=bash
# shellcheck disable=SC2034 # lib/shells.bash uses it
# shellcheck source=test/shell/lib/idioms-sh.bash
. "$BATS_TEST_DIRNAME/lib/idioms-sh.bash"

program=mksh
start=(mksh)
start_words='mksh'
terminal=(mksh -i)
