# shellcheck shell=bash
# shellcheck disable=SC2034 # lib/shells.bash uses it
# shellcheck source=test/shell/lib/idioms-sh.bash
. "$BATS_TEST_DIRNAME/lib/idioms-sh.bash"

program=ksh93
start=(ksh93)
start_words='ksh93'
terminal=(ksh93 -i)
