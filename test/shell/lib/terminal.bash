# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# A pseudo-terminal in which somebody types. Nothing sleeps for a guessed time: everything waits for what it expects.

LABELS=0
TERMINALS=0

# A server and socket for each terminal, as the one before may still be ending; and none of bats' descriptors, which
# would keep bats waiting.
tmux_() { TMUX_TMPDIR=$BATS_TEST_TMPDIR command tmux -L "$TERMINALS" -f /dev/null "$@" 3>&- 7>&-; }

# A shell that is loaded and ready.
open_terminal() {
  need tmux
  close_terminal
  TERMINALS=$((TERMINALS + 1))
  tmux_ new-session -d -x 240 -y 50 -c "$WORK" -- env -i "${environment[@]}" "${terminal[@]}"
  { code_prelude && code_load; } >"$BATS_TEST_TMPDIR/prelude.ps1" # PowerShell reads no file of another name
  type_line "$(code_prompt)"
  wait_for '^ready> *$'
  enter ". $(quote "$BATS_TEST_TMPDIR/prelude.ps1")"
}

close_terminal() { tmux_ kill-server 2>/dev/null || :; }

screen() { tmux_ capture-pane -p -J -S -; }

type_text() { tmux_ send-keys -l -- "$1"; }
press() { tmux_ send-keys "$@"; }
type_line() {
  type_text "$1"
  press Enter
}

# submit LINE: types it; `finished` waits for its end and sets status.
submit() {
  LABELS=$((LABELS + 1))
  type_line "$1; $(code_status "line$LABELS")"
}

finished() {
  wait_for "^line$LABELS status [0-9]+"
  status=$(screen | sed -nE "s/^line$LABELS status ([0-9]+).*/\\1/p")
}

enter() {
  submit "$1"
  finished
}

# wait_for PATTERN [COUNT]: until that many lines of the screen match it.
wait_for() {
  local tries=0
  until [ "$(screen | grep -Ec -- "$1")" -ge "${2-1}" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1000 ]; then
      printf 'not on the screen: %s\n' "$1"
      screen
      return 1
    fi
    sleep 0.04
  done
}

on_screen() {
  screen | grep -Fq -- "$1" && return 0
  printf 'not on the screen: %s\n' "$1"
  screen
  return 1
}

not_on_screen() {
  screen | grep -Fq -- "$1" || return 0
  printf 'on the screen: %s\n' "$1"
  screen
  return 1
}
