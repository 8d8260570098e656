#!/usr/bin/env bats
# What only zsh has: its options while the file is read, and themes that make the prompt behind every hook.
# shellcheck disable=SC2016,SC2034 # code for zsh stands in quotes, and the files of lib/ read what is set here

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

@test "in MSYS2, too, it is not what is for bash in Git Bash" {
  environment+=(MSYSTEM=MINGW64)
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
whence -w __awsrole_git_bash_key
LINES
  has "plain: $ROLE/plain, eu-west-1, 60m left" '__awsrole_git_bash_key: none'
}

@test "it finds its files by a relative path, and from a file of its name" {
  mkdir "$BATS_TEST_TMPDIR/conf.d"
  echo "eval \"\$($(quote "$PREFIX/bin/awsrole") init zsh)\"" >"$BATS_TEST_TMPDIR/conf.d/awsrole.zsh"
  run_shell <<LINES
cd $(quote "$PREFIX/share/awsrole/shell")
. ./awsrole.zsh
print -r -- "relative \$__awsrole_root"
. $(quote "$BATS_TEST_TMPDIR/conf.d/awsrole.zsh")
print -r -- "evaluated \$__awsrole_root"
LINES
  has "relative $PREFIX/share/awsrole" "evaluated $PREFIX/share/awsrole"
}

@test "it finds its files in a folder whose name has a line's end and code in it" {
  local root=$BATS_TEST_TMPDIR/$'odd $(touch PWNED) \'"\nend'
  mkdir "$root"
  cp -r "$PREFIX/share/awsrole/shell" "$root"
  run_shell <<LINES
eval "\$($(quote "$root/shell/awsrole") init zsh)"
[[ \$__awsrole_root == $(quote "$root") ]] && $(code_awsrole off)
LINES
  [ "$output" = 'no role is held in this shell' ]
}

@test "with odd options, set before it is loaded: no error at load, switch, prompt and off, and they stay as they were" {
  local option options=('setopt ksh_arrays' 'setopt sh_word_split' 'setopt no_nomatch' 'setopt err_exit' 'setopt err_return'
    'setopt no_unset' 'setopt glob_subst' 'setopt null_glob' 'setopt extended_glob' 'setopt warn_create_global warn_nested_var'
    'setopt typeset_silent' 'setopt posix_aliases' 'setopt ksh_typeset' 'setopt no_function_argzero' 'setopt sh_glob'
    'setopt ignore_braces' 'setopt no_multibyte' 'setopt posix_builtins posix_identifiers' 'setopt rc_expand_param'
    'emulate csh' 'emulate ksh' 'emulate sh' 'emulate ksh; setopt err_exit no_unset prompt_subst')
  local prompts='for hook in "${precmd_functions[@]}"; do "$hook"; done'
  start=(zsh -f -i)
  for option in "${options[@]}"; do
    run_shell <<LINES
$option
PS1='mine> '
setopt >'$DUMPS/before'
eval "\$($(quote "$PREFIX/bin/awsrole") init zsh)"
$(code_awsrole plain)
$prompts
print -rP -- "\$PS1"
$(code_awsrole external)
$(code_awsrole -)
$(code_awsrole user101)
$prompts
print -rP -- "\$PS1"
$(code_awsrole off)
$prompts
print -rP -- "\$PS1"
setopt >'$DUMPS/after'
LINES
    [ "$(sed -E 's/\x1b\[[0-9]*m//g;s/^user101: .*/user101/' <<<"$output")" = "plain: $ROLE/plain, eu-west-1, 60m left
(plain 60m) mine> 
external: $ROLE/external, us-east-1, 60m left
plain: $ROLE/plain, eu-west-1, 60m left
user101
(user101 keys) mine> 
left user101: the shell is as it was before
mine> " ] || { printf '%s\n' "$option" "$output" && return 1; }
    cmp "$DUMPS/before" "$DUMPS/after"
  done
}

@test "what a subshell switches is said to be the subshell's" {
  run_shell <<LINES
$(code_load)
awsrole plain | cat
(awsrole plain; awsrole external; awsrole -; awsrole off)
result=\$(awsrole plain)
awsrole plain &
wait
$(code_show AWSROLE_PROFILE)
echo the shell
echo | awsrole plain
$(code_show AWSROLE_PROFILE)
f() { awsrole external }
f
awsrole off
LINES
  [ "$(grep -c 'left; only this subshell is switched, the shell itself is as before$' <<<"$output")" = 6 ]
  has 'left plain: only in this subshell, the shell itself is as before' 'AWSROLE_PROFILE unset'
  [[ ${output#*the shell} == *"plain: $ROLE/plain, eu-west-1, 60m left
AWSROLE_PROFILE exported plain
external: $ROLE/external, us-east-1, 60m left
left external: the shell is as it was before"* ]]
}

@test "what others have put into variables and session files reaches no terminal as a command to it" {
  need script
  local evil=$'x\e]0;evil\a\xc2\x9b31m\x01y\xd8\x9c\xe2\x80\xae\xe2\x81\xa9\xef\xbb\xbfz'
  printf '%s' "$evil" >"$BATS_TEST_TMPDIR/evil"
  terminal=(script -qfc 'zsh -f -i' "$BATS_TEST_TMPDIR/raw")
  open_terminal
  enter 'awsrole plain'
  enter "evil=\$(<$BATS_TEST_TMPDIR/evil)"' AWSROLE_PROMPT_FORMAT="%r|$evil|%p "; export AWS_REGION=$evil'
  shows 'x?]0;evil??31m?y????z|x?]0;evil??31m?y????z|plain ready>'
  enter 'unset AWSROLE_PROMPT_FORMAT; AWSROLE_PROFILE=$evil'
  shows '(x?]0;evil??31m?y????z 60m) ready>'
  enter 'awsrole off'
  wait_for '^left x\?\]0;evil\?\?31m\?y\?{4}z: the shell is as it was before'
  # A session file with such a value is no whole one.
  sed -i "s/^says .*/says $evil/" "$(session_file plain)"
  enter 'awsrole plain'
  [ "$(core_starts)" = 2 ]
  sed -i "s/^AWS_REGION=.*/AWS_REGION=x"$'\xe2\x80\xae'"/" "$(session_file plain)"
  enter 'awsrole external'
  enter 'awsrole plain'
  shows '(plain 60m) ready>'
  [ "$(core_starts)" = 4 ]
  # Where the locale knows no characters, a terminal may know them nevertheless.
  enter 'LC_ALL=C; AWSROLE_PROFILE=$evil; awsrole off; unset LC_ALL'
  wait_for '^left x\?\]0;evil\?\?31m\?y\?{4}z: the shell is as it was before' 2
  grep -aq $'evil\a' "$BATS_TEST_TMPDIR/raw" && return 1
  for evil in $'\xc2\x9b' $'\xe2\x80\xae' $'\xd8\x9c' $'\xe2\x81\xa9' $'\xef\xbb\xbf'; do
    grep -aqF "$evil" "$BATS_TEST_TMPDIR/raw" && return 1
  done
  return 0
}

@test "list marks the profile that this shell holds" {
  run_shell <<LINES
$(code_load)
$(code_awsrole plain)
$(code_awsrole list plain)
LINES
  grep -q '^plain \*' <<<"$output"
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
    if [ "$tries" -gt 1000 ]; then
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

# The theme makes the prompt anew and has it redrawn when something else has answered, and nobody touches a key.
@test "a theme that redraws its prompt while nobody types does not take the segment away" {
  local redraw
  for redraw in 'zle .reset-prompt && zle -R' 'zle reset-prompt'; do
    open_terminal
    mkfifo "$BATS_TEST_TMPDIR/answer"
    enter "setopt prompt_subst; text() { print -n \$n\> }; n=0; PROMPT='\$(text) '"
    enter "answered() { local x; read -u \$1 x; n=\$x; PROMPT='\$(text) '; $redraw }; exec {fd}<>$BATS_TEST_TMPDIR/answer; zle -F \$fd answered"
    enter 'awsrole plain'
    shows '0> (plain 60m)'
    echo 1 >"$BATS_TEST_TMPDIR/answer"
    shows '1> (plain 60m)'
    enter 'export AWS_PROFILE=x'
    shows '1> (plain?)'
    echo 2 >"$BATS_TEST_TMPDIR/answer"
    shows '2> (plain?)'
    enter 'unset AWS_PROFILE; AWSROLE_EXPIRES=1'
    echo 3 >"$BATS_TEST_TMPDIR/answer"
    shows '3> (plain EXPIRED)'
    enter AWSROLE_PROMPT=off
    echo 4 >"$BATS_TEST_TMPDIR/answer"
    shows '4>'
    enter 'unset AWSROLE_PROMPT'
    shows '4> (plain EXPIRED)'
    enter 'awsrole off'
    shows '4>'
    enter 'whence -w zle'
    on_screen 'zle: builtin'
    rm "$BATS_TEST_TMPDIR/answer"
  done
}

@test "in a prompt of several lines the segment stands where one types, as a first line may be filled up" {
  open_terminal
  enter "PROMPT=\$'\${(l:240::-:)}\n(%?) \$(true)> '; setopt prompt_subst"
  enter 'awsrole plain'
  # What begins with code may do anything.
  shows '(0) > (plain 60m)'
  enter "PROMPT=\$'%F{red}\${(l:240::-:)}%f\n(%?) \$(true)> '"
  shows '(plain 60m) (0) >'
  [ "$(screen | grep -c -- '----(plain\|^(plain 60m) ---')" = 0 ]
  # No line's end inside of something.
  enter "PROMPT=\$'> %(?.ok\n.failed\n)'"
  shows '(plain 60m) > ok'
  enter 'awsrole off'
  shows '> ok'
}

@test "behind a prompt that is all code, which may move the cursor, the segment is not lost" {
  open_terminal
  enter "setopt prompt_subst; PROMPT='\$(print -n \"%{\n\e[A%}theirs> \")'"
  enter 'awsrole plain'
  shows 'theirs> (plain 60m)'
  enter 'awsrole off'
  shows 'theirs>'
}
