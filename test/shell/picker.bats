#!/usr/bin/env bats
# Choosing a profile in a terminal: what the functions do with the list. What the list itself does is in
# test/terminal/picker.test.ts.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # of lib/shells
SHELLS=(bash zsh fish powershell)

# A terminal of a shell whose prompt is `ready> `, with nothing above it.
open_clear() {
  environment+=(AWSROLE_PAGER=cat)
  mkdir -p "$HOME_FOLDER/.config/awsrole"
  echo 'advice = off' >"$HOME_FOLDER/.config/awsrole/config"
  touch -d '2024-05-06 07:08:09.123456789' "$HOME_FOLDER/.config/awsrole/config"
  open_terminal
  tmux_ resize-window -x 80 -y 24
  clear_screen
}

clear_screen() {
  type_line clear
  wait_for '^[^ ]*ready> *$|^\([^)]*\) ready> *$'
  tmux_ clear-history
}

# What the window shows; lines that tmux takes for one are not joined.
screen() { tmux_ capture-pane -p; }

# below COMMAND: what stands on the screen below the line with the command, to the last line with something in it.
below() { screen | sed -n "/> $1\$/,\$p" | sed '1d; s/ *$//' | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}'; }

# prompted: until the last line is a prompt again.
prompted() {
  local tries=0
  until screen | sed 's/ *$//' | grep . | tail -n 1 | grep -Eq '^(\([^)]*\) )?ready>$'; do
    tries=$((tries + 1))
    [ "$tries" -le 1000 ] || { screen && return 1; }
    sleep 0.04
  done
}

choosing_switches() {
  open_clear
  type_line awsrole
  wait_for '^> plain +123456789012:plain$'
  on_screen 'no role is held in this shell'
  type_text 'exter'
  wait_for '^> external +123456789012:external$'
  press Enter
  wait_for '^external: .*m left$'
  prompted
  [[ $(below awsrole) =~ ^external:\ [^$'\n']*m\ left$'\n'\(external\ [0-9]+m\)\ ready\>$ ]]
  # It is an ordinary switch by that name: the shell itself serves it the next time, and `-` goes back to it.
  grep -Fxq external "$CACHE/uses"
  enter 'awsrole plain'
  enter 'awsrole -'
  enter 'awsrole exec external -- printenv AWSROLE_RENEWED'
  clear_screen
  : >"$CORE_LOG"
  type_line awsrole
  wait_for '^> external \* +123456789012:external$'
  on_screen 'external: arn:aws:iam::123456789012:role/external, us-east-1, until '
  press Enter
  wait_for '^external: .*m left$'
  [ "$(cat "$CORE_LOG")" = choice-line ]
}
in_each_shell 'the profile that is chosen is switched to' choosing_switches

choosing_nothing() {
  local key
  open_clear
  for key in C-c Escape C-g; do
    clear_screen
    type_line awsrole
    wait_for '^> plain '
    type_text role
    wait_for '^> role101 '
    press "$key"
    prompted
    [ "$(below awsrole)" = 'ready>' ]
    clear_screen
    submit awsrole
    wait_for '^> plain '
    press "$key"
    finished
    [ "$status" -eq 130 ]
  done
  enter 'printenv AWSROLE_PROFILE'
  [ "$status" -eq 1 ]
}
in_each_shell 'nothing is chosen, and nothing stays on the screen' choosing_nothing

choosing_and_resizing() {
  open_clear
  type_line 'echo above'
  type_line awsrole
  wait_for '^> plain '
  tmux_ resize-window -x 60 -y 24
  wait_for '^\? .* 12/12$'
  tmux_ resize-window -x 100 -y 30
  tmux_ resize-window -x 80 -y 24
  type_text 'role'
  wait_for '^\? role.* 2/12$'
  press C-c
  prompted
  [ "$(below 'echo above')" = $'above\nready> awsrole\nready>' ]
  type_line awsrole
  wait_for '^> plain '
  tmux_ resize-window -x 20 -y 10
  wait_for '^no role is held in…$'
  wait_for '^> plain$'
  press C-c
  prompted
}
in_each_shell 'a window that changes leaves nothing behind' choosing_and_resizing

choosing_what_fits() {
  open_clear
  type_line 'awsrole exte'
  wait_for '^> external '
  on_screen 'there is no profile "exte"; which one is it?'
  press Enter
  wait_for '^external: .*m left$'
  clear_screen
  submit 'awsrole chain'
  wait_for '^> chained '
  press C-c
  finished
  [ "$status" -eq 130 ]
  enter 'printenv AWSROLE_PROFILE'
  on_screen external
  enter 'awsrole zzz'
  [ "$status" -eq 3 ]
}
in_each_shell 'a name that is no profile opens the list of what fits' choosing_what_fits

choosing_for_a_command() {
  open_clear
  submit 'awsrole explain'
  wait_for '^explain: which profile\?$'
  type_line plain
  finished
  [ "$status" -eq 0 ]
  on_screen 'AWSROLE_PROFILE            plain'
  clear_screen
  submit "awsrole exec $(code_dashes) printenv AWSROLE_PROFILE AWSROLE_CHOOSE"
  wait_for '^exec: which role should the command have\?$'
  type_line exter
  finished
  [ "$status" -eq 1 ] # of printenv, for the second
  wait_for '^external$'
  enter 'awsrole plain'
  submit 'awsrole clear'
  wait_for '^> all of them'
  press Down Enter
  finished
  on_screen 'removed 1 kept session of '
}
code_dashes() { if [ "$shell" = powershell ]; then echo "'--'"; else echo --; fi; }
in_each_shell 'a command without a profile lets choose one' choosing_for_a_command

choosing_odd_names() {
  local name
  profile list plain
  profile '-x' plain
  profile 'two  $(touch x) words' plain
  open_clear
  for name in list '-x' 'two  $(touch x) words'; do
    clear_screen
    type_line awsrole
    wait_for '^\? '
    type_text "$name"
    wait_for ' 1/15$'
    press Enter
    wait_for '^.*: arn:aws:iam::123456789012:role/plain, .*m left$'
    enter 'printenv AWSROLE_PROFILE'
    on_screen "$name"
    enter 'awsrole off'
    enter 'awsrole -'
    [ "$status" -eq 0 ]
  done
}
in_each_shell 'odd names are chosen as they are' choosing_odd_names

# Nobody is asked in a script, though it has a terminal.
not_in_scripts() {
  { code_prelude && code_load && printf '%s\n' awsrole 'awsrole exte' 'awsrole explain' && code_status last; } >"$BATS_TEST_TMPDIR/script.$extension"
  open_clear
  enter "$start_words $(quote "$BATS_TEST_TMPDIR/script.$extension")"
  on_screen 'no role is held in this shell'
  on_screen 'awsrole PROFILE  switch this shell to a profile'
  on_screen 'there is no profile "exte"'
  on_screen 'which profile? no name was given'
  on_screen 'last status 2'
  enter "$(quote_command "$PREFIX/bin/awsrole")"
  [ "$(screen | grep -c 'awsrole PROFILE  switch this shell to a profile')" -eq 2 ]
}
quote_command() { if [ "$shell" = powershell ]; then printf '& %s' "$(quote "$1")"; else quote "$1"; fi; }
in_each_shell 'nobody is asked in a script, nor by the program alone' not_in_scripts

not_where_output_is_read() {
  open_clear
  enter 'awsrole | cat'
  on_screen 'awsrole PROFILE  switch this shell to a profile'
  enter 'awsrole > it; cat it; rm it'
  [ "$(screen | grep -c 'awsrole PROFILE  switch this shell to a profile')" -eq 2 ]
  enter 'awsrole status'
  [ "$(screen | grep -c 'awsrole PROFILE  switch this shell to a profile')" -eq 3 ]
}
in_each_shell 'nobody is asked where the output goes elsewhere' not_where_output_is_read

# The key that docs/reference.md describes.
on_a_key() {
  local code
  code=$(sed -n "/^\`\`\`$shell\$/,/^\`\`\`\$/p" "$REPOSITORY/docs/reference.md" | sed '1,2d; $d')
  [ -n "$code" ]
  printf '%s\n' "$code" >"$BATS_TEST_TMPDIR/widget"
  open_clear
  enter ". $(quote "$BATS_TEST_TMPDIR/widget")"
  type_text 'echo half typed'
  wait_for 'ready> echo half typed$'
  press M-r
  wait_for '^> plain '
  press Enter
  wait_for '^\(plain [0-9]+m\) ready> echo half typed$'
  press Enter
  wait_for '^half typed$'
}
for shell in zsh fish; do
  bats_test_function --description "$shell: a key lets choose, whatever is typed" -- in_shell "$shell" on_a_key
done
