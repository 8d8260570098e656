#!/usr/bin/env bats
# The segment that bash and zsh put in front of the prompt, and the renewal of a session at a prompt, in a terminal.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# What the two shells say differently.
dialect() {
  environment+=("INTEGRATION=$integration")
  case $shell in
    bash)
      keys=' keys'
      code_expanding='shopt -s extglob' # what is in PS1 is expanded in any case
      code_not_expanding='shopt -u extglob'
      code_status_prompt="PS1='\$?> '"
      code_due='__awsrole_renewal[0]=1'
      code_hook_starship='unset PROMPT_COMMAND; PROMPT_COMMAND=starship_precmd; . "$INTEGRATION"'
      ;;
    zsh)
      keys=' keys'
      code_expanding='setopt prompt_subst prompt_bang'
      code_not_expanding='unsetopt prompt_subst prompt_bang'
      code_status_prompt="PS1='%?> '"
      code_due='__awsrole_renewal[1]=1'
      code_hook_starship='precmd_functions+=(starship_precmd)'
      ;;
  esac
}

CYAN='[36m' YELLOW='[33m' RED='[31m'

last_line() { screen | sed -n 's/ *$//;/./h;${x;p}'; }

# prompts TEXT...: until the last line of the screen is one of them, which is the prompt of an empty command line.
prompts() {
  local tries=0
  until printf '%s\n' "$@" | grep -Fxq -- "$(last_line)"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1000 ]; then
      printf 'not prompted: %s\n' "$1"
      screen
      return 1
    fi
    sleep 0.04
  done
}

# prompts_after LINE TEXT...: what the line prints comes between, so no earlier prompt is taken for this one.
prompts_after() {
  enter "$1"
  shift
  prompts "$@"
}

# prompts_old_after LINE: plain, or KEPT, as `session` has given it some minutes, of which a slow machine needs some.
prompts_old_after() {
  local minutes texts=()
  for minutes in 12 11 10 9 8 7; do texts+=("(${KEPT-plain} ${minutes}m) ready>"); done
  prompts_after "$1" "${texts[@]}"
}

# The colours of the last line of the screen.
colours() { tmux_ capture-pane -p -e | sed -n '/[^ ]/h;${x;p}' | grep -Eo '\[3[1-6]m' | sort -u | tr -d '\n'; }

code_expires_in() { code_set AWSROLE_EXPIRES "$(($(date +%s) + $1))"; }

code_keep_prompt() { echo "printf '%s' \"\$PS1\" >'$DUMPS/prompt-$1'"; }

# In bash the reference to our variable stays; it is empty where no role is held.
same_prompts() {
  sed -i 's/^\${__awsrole_segment-}//' "$DUMPS/prompt-$1" "$DUMPS/prompt-$2"
  cmp "$DUMPS/prompt-$1" "$DUMPS/prompt-$2" && [ -s "$DUMPS/prompt-$1" ]
}

# ---- the segment

in_each_shell 'the segment tells the role, its time, and the truth, and goes without a trace' segment
segment() {
  dialect
  open_terminal
  enter "$(code_keep_prompt before)"
  prompts 'ready>'
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  [ "$(colours)" = "$CYAN" ]
  prompts_after "$(code_expires_in 3460)" '(plain 58m) ready>'
  prompts_after "$(code_expires_in 43130)" '(plain 11h59m) ready>'
  prompts_after "$(code_expires_in 7490)" '(plain 2h05m) ready>'
  prompts_after "$(code_expires_in 5930)" '(plain 99m) ready>'
  prompts_after "$(code_expires_in 650)" '(plain 11m) ready>'
  [ "$(colours)" = "$CYAN" ]
  prompts_after "$(code_expires_in 595)" '(plain 10m) ready>'
  [ "$(colours)" = "$YELLOW" ]
  prompts_after "$(code_expires_in 50)" '(plain 1m) ready>'
  prompts_after "$(code_expires_in -1)" '(plain EXPIRED) ready>'
  [ "$(colours)" = "$RED" ]
  prompts_after 'awsrole off' 'ready>'
  enter "$(code_keep_prompt after)"
  same_prompts before after

  prompts_after 'awsrole plain' '(plain 60m) ready>'
  prompts_after "$(code_export AWS_PROFILE user101)" '(plain?) ready>'
  [ "$(colours)" = "$RED" ]
  prompts_after "$(code_unset AWS_PROFILE)" '(plain 60m) ready>'
  prompts_after "$(code_export AWS_ACCESS_KEY_ID AKIAUSER10100EXAMPLE)" '(plain?) ready>'
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  prompts_after "$(code_unset AWS_ACCESS_KEY_ID)" '(plain?) ready>'
  prompts_after 'awsrole user101' "(user101$keys) ready>"
  prompts_after 'awsrole off' 'ready>'
  enter "$(code_keep_prompt after)"
  same_prompts before after
}

in_each_shell 'the segment is there once, in the wanted form and colour, or not' wanted_form
wanted_form() {
  dialect
  open_terminal
  enter "$(code_load)"
  enter "$(code_keep_prompt before)"
  enter 'awsrole plain'
  prompts_after "$(code_load)" '(plain 60m) ready>'
  enter "$(code_keep_prompt held)"
  prompts_after "$(code_set AWSROLE_PROMPT off)" 'ready>'
  enter "$(code_keep_prompt after)"
  same_prompts before after
  prompts_after "$(code_unset AWSROLE_PROMPT)" '(plain 60m) ready>'
  enter "$(code_keep_prompt after)"
  same_prompts held after
  # shellcheck disable=SC2016
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT '%p|%t|%r|%a|%%|%x $(touch x)`touch x`%F{red}\e[31m\w%1~[%s] ')" \
    'plain|60m|eu-west-1|123456789012|%|%x $(touch x)`touch x`%F{red}\e[31m\w%1~[plain 60m] ready>'
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT '%')" '%ready>'
  prompts_after "$(code_set AWSROLE_PROMPT_FORMAT '')" 'ready>'
  prompts_after "$(code_unset AWSROLE_PROMPT_FORMAT)" '(plain 60m) ready>'
  prompts_after "$(code_set NO_COLOR 1)" '(plain 60m) ready>'
  [ "$(colours)" = '' ]
  prompts_after "$(code_unset NO_COLOR)" '(plain 60m) ready>'
  [ "$(colours)" = "$CYAN" ]
  prompts_after 'awsrole off' 'ready>'
  enter "$(code_keep_prompt after)"
  same_prompts before after
}

in_each_shell 'a dumb terminal gets no colour' dumb
dumb() {
  environment+=(TERM=dumb)
  dialect
  open_terminal
  enter 'awsrole plain'
  prompts '(plain 60m) ready>'
  [ "$(colours)" = '' ]
}

in_each_shell 'names that mean harm are text' harmful_names
harmful_names() {
  local name
  local harmful=('$(touch x)' '`touch x`${HOME}' '%F{red}%n%~%61v%{' '\e[31m\$\w\n' "!! it's" 'say "ünïcode"' '${__awsrole_segment-}')
  dialect
  open_terminal
  enter "$(code_keep_prompt before)"
  for name in "${harmful[@]}"; do profile "$name" plain; done
  for name in "${harmful[@]}"; do
    prompts_after "$(code_awsrole -- "$name")" "($name 60m) ready>"
    prompts_after "$code_expanding" "($name 60m) ready>"
    enter "$code_not_expanding"
  done
  prompts_after 'awsrole off' 'ready>'
  enter "$(code_keep_prompt after)"
  same_prompts before after
}

in_each_shell 'what a child shell was given reaches no terminal as a command to it' given_to_child
given_to_child() {
  local part parts=($'\e]0;evil\a' $'\xc2\x9b' $'\xd8\x9c' $'\xe2\x80\x8e' $'\xe2\x80\xa8' $'\xe2\x80\xae' $'\xe2\x81\xa6' $'\xe2\x81\xa9' $'\xef\xbb\xbf')
  local evil shown='x?]0;evil?????????–é'
  dialect
  need script
  evil=$(printf '%s' x "${parts[@]}" –é)
  environment+=("AWSROLE_PROFILE=$evil" AWSROLE_NAMES=AWSROLE_PROFILE)
  terminal=(script -qfc "${terminal[*]}" "$BATS_TEST_TMPDIR/raw")
  open_terminal
  prompts "($shown keys) ready>"
  # Where the locale knows no characters, a terminal may know them nevertheless.
  enter 'LC_ALL=C; awsrole off; unset LC_ALL'
  wait_for "^left ${shown//[?]/[?]}: removed AWSROLE_PROFILE;"
  for part in "${parts[@]}"; do
    run -1 grep -aqF "$part" "$BATS_TEST_TMPDIR/raw"
  done
}

in_each_shell 'in a child of a switched shell, until it leaves the role' in_child
in_child() {
  local child="${terminal[*]}"
  dialect
  open_terminal
  prompts_after 'awsrole plain' '(plain 60m) ready>'
  enter 'awsrole external'
  submit "$child"
  type_line "$(code_prompt | sed 's/ready/child/')"
  prompts 'child>'
  prompts_after ". $(quote "$BATS_TEST_TMPDIR/prelude.ps1")" '(external 60m) child>'
  prompts_after 'awsrole off' 'child>'
  prompts_after 'awsrole -' '(external 60m) child>'
  prompts_after 'awsrole plain' '(plain 60m) child>'
  prompts_after "$(code_load)" '(plain 60m) child>'
  prompts_after 'awsrole -' '(external 60m) child>'
  enter 'awsrole off'
  on_screen 'left external: the shell is as it was before'
  type_line exit
  prompts '(external 60m) ready>'
}

in_each_shell 'the status is still there for the prompt, and for the user' statuses
statuses() {
  dialect
  open_terminal
  enter "$code_status_prompt"
  prompts '0>'
  enter 'awsrole plain'
  prompts '(plain 60m) 0>'
  type_line '(exit 7)'
  prompts '(plain 60m) 7>'
  type_line 'echo "still $?"'
  wait_for '^still 7$'
  type_line 'awsrole nobody'
  prompts '(plain 60m) 3>'
}

in_each_shell 'set -e and set -u end no shell' careful_options
careful_options() {
  dialect
  open_terminal
  enter 'set -eu'
  enter 'awsrole plain'
  prompts '(plain 60m) ready>'
  type_line 'false && true'
  type_line '! true'
  prompts_after : '(plain 60m) ready>'
  enter "$(code_set AWSROLE_PROMPT_FORMAT '%p %t %r %a> ')"
  prompts 'plain 60m eu-west-1 123456789012> ready>'
  enter 'awsrole user101'
  enter 'awsrole off'
  type_line 'false && true'
  prompts_after : 'ready>'
}

in_each_shell 'a long command line is not garbled' long_line
long_line() {
  local text
  text=$(seq -s ' ' 100 240)
  dialect
  open_terminal
  enter 'awsrole plain'
  prompts '(plain 60m) ready>'
  press C-l
  prompts '(plain 60m) ready>'
  type_text ": $text end"
  wait_for "end *$"
  press C-a
  type_text ': '
  press C-e
  type_text ' more'
  wait_for ' more *$'
  [ "$(tmux_ capture-pane -p | sed 's/ *$//;/^$/d')" = "$(fold -w 240 <<<"(plain 60m) ready> : : $text end more" | sed 's/ *$//')" ] || { screen && return 1; }
  # Back over the end of the screen's line, and a long way on.
  press C-a C-d C-d
  press C-e
  type_text '!'
  wait_for 'more! *$'
  [ "$(tmux_ capture-pane -p | sed 's/ *$//;/^$/d')" = "$(fold -w 240 <<<"(plain 60m) ready> : $text end more!" | sed 's/ *$//')" ] || { screen && return 1; }
}

in_each_shell 'a prompt starts no process' no_process
no_process() {
  need strace
  mkdir "$BATS_TEST_TMPDIR/mark-begin" "$BATS_TEST_TMPDIR/mark-end"
  terminal=(strace -qq -f -e 'trace=process,chdir' -o "$BATS_TEST_TMPDIR/trace" "${terminal[@]}")
  dialect
  open_terminal
  enter 'awsrole plain'
  type_line "$(code_mark begin)"
  press Enter Enter Enter
  type_line "$(code_set AWSROLE_PROMPT_FORMAT '%p|%t|%r|%a ')"
  press Enter
  # Past the time for it, each prompt looks for what others have renewed.
  type_line "$code_due"
  press Enter Enter
  type_line "$(code_mark end)"
  prompts 'plain|60m|eu-west-1|123456789012 ready>'
  enter :
  grep -q mark-begin "$BATS_TEST_TMPDIR/trace"
  grep -q mark-end "$BATS_TEST_TMPDIR/trace"
  sed '1,/mark-begin/d;/mark-end/,$d' "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/between"
  [ ! -s "$BATS_TEST_TMPDIR/between" ] || { cat "$BATS_TEST_TMPDIR/between" && return 1; }
}

# ---- beside others

# The segment comes and goes beside a prompt that somebody else makes anew each time.
beside() {
  echo "# beside $1"
  enter "$1"
  prompts 'theirs>'
  prompts_after 'awsrole plain' '(plain 60m) theirs>'
  press Enter Enter
  prompts_after : '(plain 60m) theirs>'
  prompts_after 'awsrole off' 'theirs>'
}

bash_beside() {
  use_shell bash
  dialect
  open_terminal
  beside 'theirs() { PS1="theirs> "; }; PROMPT_COMMAND="theirs; "; . "$INTEGRATION"'
  beside 'unset PROMPT_COMMAND; PROMPT_COMMAND=theirs; . "$INTEGRATION"'
  beside 'unset PROMPT_COMMAND; PROMPT_COMMAND=(: theirs); . "$INTEGRATION"'
  beside 'PROMPT_COMMAND="theirs;$PROMPT_COMMAND"; . "$INTEGRATION"'
}
bats_test_function --description 'bash: beside others that make the prompt' -- bash_beside

zsh_beside() {
  use_shell zsh
  dialect
  open_terminal
  enter 'theirs() { PROMPT="theirs> "; }; seen() { print -r -- "seen $?" >>"$DUMPS/seen"; }; precmd_functions=()'
  beside 'precmd_functions=(theirs); . "$INTEGRATION"'
  beside 'precmd_functions=(); . "$INTEGRATION"; precmd_functions+=(theirs seen)'
  enter 'awsrole plain'
  type_line '(exit 9)'
  prompts_after : '(plain 60m) theirs>'
  grep -qx 'seen 9' "$DUMPS/seen"
  enter 'precmd_functions=(theirs); precmd() { theirs; }; . "$INTEGRATION"'
  prompts_after : '(plain 60m) theirs>'
}
bats_test_function --description 'zsh: beside others that make the prompt' -- zsh_beside

in_each_shell 'under a theme that makes the whole prompt, once, and PS1 does not grow' under_a_theme
under_a_theme() {
  dialect
  open_terminal
  enter "starship_precmd() { PS1='theirs> '; }; p10k() { :; }"
  enter "$code_hook_starship"
  prompts 'theirs>'
  prompts_after 'awsrole plain' '(plain 60m) theirs>'
  prompts_after "$(code_set AWSROLE_PROMPT off)" 'theirs>'
  prompts_after "$(code_unset AWSROLE_PROMPT)" '(plain 60m) theirs>'
  prompts_after 'awsrole off' 'theirs>'
  # A theme that wraps what is there.
  enter "starship_precmd() { PS1=\"[\$PS1]\"; PS1=\"\${PS1#\\[}\"; PS1=\"\${PS1%\\]}\"; }; PS1='again> '"
  for _ in 1 2 3; do
    prompts_after 'awsrole plain' '(plain 60m) again>'
    prompts_after 'awsrole off' 'again>'
  done
}

# ---- renewal by another terminal

# edit EXPRESSION...: of the session file of plain, by sed.
edit() {
  local expression
  for expression; do sed -i -E "$expression" "$(session_file "${KEPT-plain}")"; done
}

# The session file of plain, or of KEPT, as if it was of a session that is renewed after $1 s, and ends after $2 s, with the key id $3.
session() {
  local now
  now=$(date +%s)
  cp -p "$BATS_TEST_TMPDIR/session" "$(session_file "${KEPT-plain}")"
  edit "s/^times .*/times $((now + $1)) $((now + $2))/" \
    "s/^AWSROLE_EXPIRES=.*/AWSROLE_EXPIRES=$((now + $2))/" "s/^(AWS(ROLE)?_ACCESS_KEY_ID)=.*/\\1=$3/"
}

in_each_shell 'a prompt takes what another terminal has renewed, without a process' renewed
renewed() {
  local starts
  run_shell <<END
$(code_load)
$(code_awsrole plain)
END
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/session"
  session 600 700 ASIAOLD
  dialect
  open_terminal
  prompts_old_after 'awsrole plain'
  [ "$(core_starts)" = 1 ]
  # Not yet: what we hold is good.
  session 2000 3000 ASIANEWER
  prompts_old_after :
  rm "$(session_file plain)"
  prompts_old_after "$code_due"
  [ "$(core_starts)" = 1 ]
  run_shell <<END
$(code_load)
$(code_awsrole plain)
END
  starts=$(core_starts)
  prompts_after : '(plain 60m) ready>'
  enter "$(code_dump renewed)"
  [ "$(variable renewed AWS_ACCESS_KEY_ID)" = "$(sed -n 's/^AWS_ACCESS_KEY_ID=//p' "$(session_file plain)")" ]
  [ "$(core_starts)" = "$starts" ]
  not_on_screen 'MFA code'
  prompts_after 'awsrole off' 'ready>'
  enter "$(code_dump off)"
  [ "$(variable off AWS_ACCESS_KEY_ID)" = '' ]
}

in_each_shell 'a time that is no number is text to the prompt and to the renewal' time_is_text
time_is_text() {
  local time
  run_shell <<END
$(code_load)
$(code_awsrole plain)
END
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/session"
  dialect
  open_terminal
  # shellcheck disable=SC2016
  for time in 'path[$(:>x)]' 'x[0$(touch x)]' 'PATH=1' 0x7fffffff -1 99999999999999999999 '1 1'; do
    # From a session file that somebody else has written, and from the environment.
    session 3000 3600 ASIAOLD
    edit "s/^AWSROLE_EXPIRES=.*/AWSROLE_EXPIRES=${time//\//\\\/}/"
    prompts_after 'awsrole plain' '(plain) ready>'
    session 3200 3800 ASIALATER
    prompts_after "$code_due" '(plain) ready>'
    prompts_after 'awsrole off' 'ready>'
    session 3000 3600 ASIAOLD
    prompts_after 'awsrole plain' '(plain 60m) ready>'
    session 3200 3800 ASIALATER
    enter "$code_due"
    prompts_after "$(code_export AWSROLE_EXPIRES "$time")" '(plain) ready>'
    prompts_after 'awsrole off' 'ready>'
  done
}

in_each_shell "a prompt takes what is renewed of a user's MFA session, of the same device alone" user_renewed
user_renewed() {
  local KEPT=user101
  sed -i "s|^\\[user101\\]|&\\nmfa_serial = $DEVICE|" "$HOME_FOLDER/.aws/credentials"
  settle
  dialect
  open_terminal
  submit 'awsrole user101'
  wait_for "^MFA code for $DEVICE: *$"
  type_line "$(mfa_code)"
  finished
  cp -p "$(session_file user101)" "$BATS_TEST_TMPDIR/session"
  session 1000 700 ASIAOLD
  prompts_old_after 'awsrole user101'
  session 2000 3000 ASIALATER
  edit 's/^AWSROLE_MFA_SERIAL=.*/&-of-another/'
  prompts_old_after "$code_due"
  session 2000 3000 ASIALATER
  edit "s|^AWSROLE_MFA_SERIAL=.*|AWSROLE_ROLE_ARN=$ROLE/plain|"
  prompts_old_after :
  session 2000 3000 ASIALATER
  prompts_after : '(user101 50m) ready>'
  [ "$(core_starts)" = 1 ]
}

# left_alone COMMAND...: the command makes a later session file that is not for this shell.
left_alone() {
  echo "# left alone: $*"
  session 2000 3000 ASIALATER
  "$@"
  prompts_old_after :
  rm "$(session_file plain)"
  settle
}

in_each_shell 'a prompt takes nothing that is not this shell'\''s' not_taken
not_taken() {
  run_shell <<END
$(code_load)
$(code_awsrole plain)
END
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/session"
  session 1000 700 ASIAOLD
  dialect
  open_terminal
  enter 'awsrole plain'
  rm "$(session_file plain)"
  prompts_old_after "$code_due"
  left_alone edit "s/^AWSROLE_ROLE_ARN=.*/AWSROLE_ROLE_ARN=${ROLE//\//\\/}\\/external/"
  left_alone edit 's/^AWSROLE_ROLE_ARN=.*/&-admin/'
  left_alone edit 's/^AWSROLE_ROLE_ARN=.*/& more/'
  left_alone edit '/^AWSROLE_ROLE_ARN=/d'
  left_alone edit 's/^(times .*) .*/\1 1700000000/'
  left_alone edit "s/^(times .*) .*/\1 $(date +%s)/"
  left_alone edit 's/^awsrole-session 2 .*/awsrole-session 2 external/'
  left_alone edit 's/^(for .*\|).*/\1http:\/\/127.0.0.1:1/'
  left_alone edit '/^end$/d'
  left_alone edit 's/^times [0-9]*/times a[$(touch x)]/'
  left_alone touch "$HOME_FOLDER/.aws/config"
  left_alone touch "$HOME_FOLDER/.aws/credentials"
  enter "$(code_dump held)"
  enter "$(code_export AWS_ACCESS_KEY_ID AKIAMINE)"
  session 2000 3000 ASIALATER
  prompts_after : '(plain?) ready>'
  prompts_after "$(code_export AWS_ACCESS_KEY_ID "$(variable held AWS_ACCESS_KEY_ID)")" '(plain 50m) ready>'
  [ "$(core_starts)" = 1 ]
  enter "$(code_dump taken)"
  [ "$(variable held AWS_ACCESS_KEY_ID) $(variable taken AWS_ACCESS_KEY_ID)" = 'ASIAOLD ASIALATER' ]
  not_on_screen 'MFA code'

  # With flags it is not what the name alone stands for.
  enter 'awsrole --refresh plain'
  prompts_old_after "$(code_expires_in 700)"
  prompts_old_after "$code_due"
  session 2000 3000 ASIALATER
  prompts_old_after :
}
