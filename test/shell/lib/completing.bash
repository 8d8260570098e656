# shellcheck shell=bash
# shellcheck disable=SC2154 # open_completing of a file sets number
# What a Tab makes of a line that is typed into a shell whose awsrole only writes its words down.

# completes TYPED WORDS: after Tab and Enter awsrole gets these words.
completes() {
  local got tries=0
  number=$((number + 1))
  type_text "$1"
  press Tab
  press Enter
  until [ "$(wc -l <"$BATS_TEST_TMPDIR/completed")" -ge "$number" ] || [ "$tries" -gt 2000 ]; do
    tries=$((tries + 1))
    sleep 0.02
  done
  got=$(sed -n "${number}p" "$BATS_TEST_TMPDIR/completed")
  [ "$got" = "$2" ] || { printf 'typed: %s\nwanted: %s\ngot: %s\n' "$1" "$2" "$got" && screen && return 1; }
}
