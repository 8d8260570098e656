#!/usr/bin/env bats
# shellcheck disable=SC2016,SC2154 # code for other shells stands in quotes; what one file sets another uses
# Guarded profiles: the question, the segment that cannot be hidden, the way back after their minutes; and `renew = auto`.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(bash zsh fish powershell)

# settings LINE...: awsrole's own.
settings() {
  mkdir -p "$HOME_FOLDER/.config/awsrole"
  printf '%s\n' "$@" >"$HOME_FOLDER/.config/awsrole/config"
  touch -d '2024-05-06 07:08:09' "$HOME_FOLDER/.config/awsrole/config"
}

in_each_shell 'a switch to a guarded profile is asked about, each time' guarded_switch
guarded_switch() {
  profile prod plain 'region = eu-west-1' 'awsrole_guard = confirm'
  open_terminal
  submit 'awsrole prod'
  wait_for '^role prod in account 123456789012: switch\? \[y/N\] *$'
  press Enter
  finished
  [ "$status" -eq 8 ]
  on_screen 'nothing changed: "prod" is guarded (awsrole_guard, '
  enter "$(code_show AWSROLE_PROFILE)"
  on_screen 'AWSROLE_PROFILE unset'
  submit 'awsrole prod'
  wait_for '^role prod in account 123456789012: switch\? \[y/N\] *$' 1
  type_text y
  press Enter
  finished
  [ "$status" -eq 0 ]
  wait_for "^prod: $ROLE/plain, eu-west-1, (60|59)m left"
  # Kept, and asked about all the same.
  submit 'awsrole prod'
  wait_for 'switch\? \[y/N\] *$'
  press C-c
  wait_for '^\(prod (60|59)m\) ready> *$'
  enter 'awsrole off'
  submit 'awsrole -'
  wait_for 'switch\? \[y/N\] *$'
  type_text n
  press Enter
  finished
  [ "$status" -eq 8 ]
}

in_each_shell 'a script says --yes, or is refused' guarded_script
guarded_script() {
  profile prod plain 'region = eu-west-1'
  settings '[guard]' 'confirm = *PROD*'
  run_shell <<END
$(code_load)
$(code_awsrole prod)
$(code_status plain)
$(code_awsrole prod --yes)
$(code_status yes)
$(code_show AWSROLE_PROFILE AWSROLE_GUARD)
END
  has 'plain status 8' 'yes status 0' 'AWSROLE_PROFILE exported prod' 'AWSROLE_GUARD exported confirm'
  has_part "confirm = *PROD* in $HOME_FOLDER/.config/awsrole/config" 'to go on without being asked: --yes'
}

in_each_shell 'the segment of a guarded profile is white on red, and nothing hides it' guarded_segment
guarded_segment() {
  local pattern
  profile prod plain 'region = eu-west-1' 'awsrole_guard = confirm' 'awsrole_color = blue'
  profile blue plain 'region = eu-west-1' 'awsrole_color = blue' 'awsrole_account_name = acme-dev'
  open_terminal
  enter "$(code_export AWSROLE_PROMPT_FORMAT '')"
  enter "$(code_export AWSROLE_PROMPT off)"
  enter 'awsrole prod --yes'
  wait_for '^\(prod (60|59)m\) ready> *$'
  # tmux writes the colours one by one or together.
  pattern=$'\e\\[[0-9;]*[93]7(;41m|m\e\\[41m)\\(prod'
  wait_for_raw "$pattern"
  enter 'awsrole blue'
  wait_for '^ready> *$'
  enter "$(code_export AWSROLE_PROMPT on)"
  enter "$(code_export AWSROLE_PROMPT_FORMAT '<%p %n> ')"
  wait_for '^<blue acme-dev> ready> *$'
  wait_for_raw $'\e\\[[0-9;]*34m<blue acme-dev>'
}

wait_for_raw() {
  local tries=0
  until tmux_ capture-pane -p -e -J -S - | grep -Eq -- "$1"; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1000 ]; then
      tmux_ capture-pane -p -e -J -S - | cat -v
      return 1
    fi
    sleep 0.04
  done
}

in_each_shell 'after the minutes of a guard a prompt puts the shell back' guard_minutes
guard_minutes() {
  profile prod plain 'region = eu-west-1' 'awsrole_guard_minutes = 15'
  open_terminal
  enter "$(code_export AWS_PROFILE user101)"
  enter 'awsrole prod --yes'
  wait_for '^\(prod (60|59)m\) ready> *$'
  enter "$(code_export AWSROLE_GUARD_ENDS 'a[$(touch x)]')"
  wait_for '^\(prod (60|59)m\) ready> *$'
  enter "$(code_export AWSROLE_GUARD_ENDS 08)"
  wait_for '^awsrole: the time limit of this guarded role has passed'
  wait_for '^left prod: the shell is as it was before'
  wait_for '^ready> *$'
  enter "$(code_show AWS_PROFILE AWSROLE_PROFILE AWSROLE_GUARD)"
  on_screen 'AWS_PROFILE exported user101'
  on_screen 'AWSROLE_GUARD unset'
}

in_each_shell 'exec asks as well, in the launcher' guarded_exec
guarded_exec() {
  profile prod plain 'region = eu-west-1' 'awsrole_guard = confirm'
  open_terminal
  enter 'awsrole prod --yes'
  enter 'awsrole off'
  submit 'awsrole exec prod -- printenv AWSROLE_PROFILE'
  wait_for 'switch\? \[y/N\] *$'
  type_text y
  press Enter
  finished
  [ "$status" -eq 0 ]
  wait_for '^prod$'
  enter 'awsrole exec prod --yes -- printenv AWSROLE_GUARD'
  wait_for '^confirm$'
}

# past_renewal: what is typed so that a prompt renews, as if the time had come.
past_renewal() {
  case $shell in
    bash) echo '__awsrole_renewal[0]=1' ;;
    zsh) echo '__awsrole_renewal[1]=1' ;;
    fish) echo 'set __awsrole_renewal[1] 1' ;;
    powershell) echo '& (Get-Module awsrole) { $script:renew = 1 }' ;;
    *) return 1 ;;
  esac
}

in_each_shell 'with renew = auto a prompt has the core renew, and takes what it got' renew_auto
renew_auto() {
  local before
  profile auto plain 'region = eu-west-1'
  settings 'renew = auto' 'aws_cli_cache = off'
  open_terminal
  enter 'awsrole auto'
  wait_for '^\(auto (60|59)m\) ready> *$'
  enter "$(code_dump before)"
  before=$(variable before AWS_ACCESS_KEY_ID)
  # As if both had been got long ago: ours is to be renewed, and nothing that is kept serves.
  rm -r "$CACHE/sessions" "$CACHE/shell/s-auto.session"
  enter "$(past_renewal)"
  # The core is started behind the prompt.
  for _ in $(seq 1000); do
    [ ! -e "$CACHE/shell/s-auto.session" ] || break
    sleep 0.05
  done
  [ -e "$CACHE/shell/s-auto.session" ]
  enter "$(code_export AWSROLE_EXPIRES 1000)"
  enter "$(code_dump after)"
  enter "$(code_dump later)"
  [ "$(variable later AWS_ACCESS_KEY_ID)" != "$before" ]
}
