#!/usr/bin/env bats
# What only zsh has: its options while the file is read, and themes that make the prompt behind every hook.
# shellcheck disable=SC2016 # code for zsh stands in quotes

bats_require_minimum_version 1.5.0

load lib/sandboxed

setup() {
  make_home
  use_shell zsh
}

@test "options are put back after loading, whatever they are" {
  local option
  for option in no_aliases sh_glob ignore_braces ignore_close_braces ksh_arrays; do
    run_shell <<LINES
setopt $option
set -o >'$DUMPS/before'
$(code_load)
echo "$option status \$?"
set -o >'$DUMPS/after'
LINES
    [ "$output" = "$option status 0" ]
    cmp "$DUMPS/before" "$DUMPS/after"
  done
}

@test "it finds its files by a relative path, and not by another file of its name" {
  mkdir "$BATS_TEST_TMPDIR/conf.d"
  { printf '__awsrole_root=%s\n' "$(quote "$PREFIX/share/awsrole")" && cat "$integration"; } >"$BATS_TEST_TMPDIR/integration"
  echo "eval \"\$(<$(quote "$BATS_TEST_TMPDIR/integration"))\"" >"$BATS_TEST_TMPDIR/conf.d/awsrole.zsh"
  run_shell <<LINES
cd $(quote "$PREFIX/share/awsrole/shell")
. ./awsrole.zsh
print -r -- "relative \$__awsrole_root"
. $(quote "$BATS_TEST_TMPDIR/conf.d/awsrole.zsh")
print -r -- "evaluated \$__awsrole_root"
LINES
  has "relative $PREFIX/share/awsrole" "evaluated $PREFIX/share/awsrole"
}

@test "the names that were switched to are written down once each time, where there is a file for them" {
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
$(code_awsrole plain)
$(code_awsrole external)
$(code_awsrole --region eu-west-3 plain)
$(code_awsrole -)
$(code_awsrole off)
$(code_awsrole external)
$(code_awsrole nobody)
LINES
  rm -f "$CACHE/uses"
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
LINES
  [ ! -e "$CACHE/uses" ]
  : >"$CACHE/uses"
  run_shell <<LINES
$(code_load)
setopt no_clobber
$(code_awsrole plain)
$(code_awsrole plain)
$(code_awsrole external)
$(code_awsrole --region eu-west-3 plain)
$(code_awsrole -)
$(code_awsrole off)
$(code_awsrole external)
$(code_awsrole nobody)
LINES
  [ "$(tr '\n' ' ' <"$CACHE/uses")" = 'plain external external external ' ]
  mv "$CACHE/uses" "$BATS_TEST_TMPDIR/uses"
  ln -s "$BATS_TEST_TMPDIR/uses" "$CACHE/uses"
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
$(code_status linked)
LINES
  has 'linked status 0'
  [ "$(wc -l <"$BATS_TEST_TMPDIR/uses")" -eq 4 ]
}

@test "lines that name too few states are not served" {
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
LINES
  sed -i -E 's/^(states [^ ]+ [^ ]+) .*/\1/' "$(session_file plain)"
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
LINES
  [ "$(core_starts)" = 2 ]
}

# shows LINE: until the screen's last line is that.
shows() {
  local tries=0
  until [ "$(screen | sed -n 's/ *$//;/./h;${x;p}')" = "$1" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 250 ]; then
      printf 'not shown: %s\n' "$1"
      screen
      return 1
    fi
    sleep 0.04
  done
}

@test "a theme that makes the prompt behind every hook does not take the segment away" {
  open_terminal
  enter 'theirs() { precmd_functions=(${precmd_functions:#theirs} theirs); PROMPT="theirs> "; }; precmd_functions+=(theirs)'
  enter 'awsrole plain'
  shows '(plain 60m) theirs>'
  enter :
  shows '(plain 60m) theirs>'
  # As when git has answered, while a line is edited.
  enter 'late() { PROMPT="later> "; zle .reset-prompt; }; zle -N late; bindkey "^X^L" late'
  press C-x C-l
  type_text 'awsrole'
  shows '(plain 60m) later> awsrole'
  type_line ' off'
  shows 'theirs>'
  not_on_screen '(plain 60m) (plain'
}

@test "behind a prompt that is all code, which may move the cursor, the segment is not lost" {
  open_terminal
  enter "setopt prompt_subst; PROMPT='\$(print -n \"%{\n\e[A%}theirs> \")'"
  enter 'awsrole plain'
  shows 'theirs> (plain 60m)'
  enter 'awsrole off'
  shows 'theirs>'
}
