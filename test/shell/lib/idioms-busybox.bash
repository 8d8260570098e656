# shellcheck shell=bash
# shellcheck disable=SC2034 # lib/shells.bash uses it
# shellcheck source=test/shell/lib/idioms-sh.bash
. "$BATS_TEST_DIRNAME/lib/idioms-sh.bash"

program=busybox
start=(busybox sh)
start_words='busybox sh'
terminal=(busybox sh -i)
