#!/usr/bin/env bats
# The shells beside bash, zsh, fish and PowerShell: what each does is written once here, how each says it is in
# lib/idioms-NAME.bash. Their files ask the core each time, so what scenario.bats says of kept sessions is not for them.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(dash mksh ksh93 busybox nushell elvish xonsh)

# The core's answer can be another: what is in the file CORE_ANSWER.
setup_file() {
  start_world
  sed -i '2a [ -z "${CORE_ANSWER-}" ] || { cat "$CORE_ANSWER"; exit; }' "$BATS_FILE_TMPDIR/node"
}

setup() {
  make_home
  # What children of the shell get, as files and as lines.
  DUMP=$BATS_TEST_TMPDIR/dump SHOW=$BATS_TEST_TMPDIR/show
  cat >"$DUMP" <<'END'
#!/bin/sh
env -0 | sort -z | tr '\0' '\n' >"$DUMPS/$1.env"
END
  cat >"$SHOW" <<'END'
#!/bin/sh
for name; do
  if value=$(printenv "$name"); then printf '%s exported %s\n' "$name" "$value"; else echo "$name unset"; fi
done
END
  chmod 755 "$DUMP" "$SHOW"
}

dump() { code_run "$DUMP" "$1"; }
show() { code_run "$SHOW" "$@"; }

# same A B: children get the same, to the byte, but for what nushell and ksh93 set themselves.
same() { diff <(got "$1") <(got "$2") && [ -s "$DUMPS/$1.env" ]; }
got() { sed -E '/^(_|SHLVL|PWD|OLDPWD|LAST_EXIT_CODE|_AST_FEATURES)=/d' "$DUMPS/$1.env"; }

in_each_shell 'list marks what the shell holds; a name that ends like a command is a name' names_and_list
names_and_list() {
  profile team:status plain
  profile 'team list' plain
  run_shell <<END
$(code_load)
$(code_awsrole 'team list')
$(code_awsrole team:status)
$(show AWSROLE_PROFILE AWSROLE_HELD)
$(code_awsrole list)
END
  has 'AWSROLE_PROFILE exported team:status' 'AWSROLE_HELD unset'
  has_part 'team list: ' 'team:status * '
}

in_each_shell 'a switch, another, dash and off, and all is as it was' switches
switches() {
  environment+=("AWS_VAULT=two
lines \$(touch x)" 'AWS_REGION=it'\''s "x" \ %s' AWS_DEFAULT_REGION= AWS_PROFILE=user101)
  run_shell <<END
$(code_load)
$(dump before)
$(code_awsrole plain)
$(code_status first)
$(dump held)
$(show AWSROLE_PROFILE AWS_REGION AWS_PROFILE AWS_VAULT)
$(code_awsrole external)
$(show AWSUME_PROFILE)
$(code_awsrole -)
$(show AWSROLE_ROLE_ARN)
$(code_awsrole off)
$(code_status off)
$(dump after)
$(code_awsrole -)
$(dump again)
$(code_awsrole off)
$(code_awsrole off)
$(code_status twice)
$(dump finally)
END
  [ "$status" -eq 0 ]
  has 'first status 0' 'AWSROLE_PROFILE exported plain' 'AWS_REGION exported eu-west-1' 'AWS_PROFILE unset' 'AWS_VAULT unset' \
    'AWSUME_PROFILE exported external' "AWSROLE_ROLE_ARN exported $ROLE/plain" 'off status 0' 'twice status 0'
  has_part "plain: $ROLE/plain, eu-west-1, 60m left" 'left plain: the shell is as it was before' 'no role is held in this shell'
  same before after
  same held again
  same before finally
  # The names that a child needs to leave the role, and nothing else that is new.
  [[ $(variable held AWSROLE_NAMES) == *'AWS_SECRET_ACCESS_KEY '*AWSUME_PROFILE* ]]
  [ -z "$(comm -13 <(got before | sed 's/=.*//' | sort -u) <(got held | sed 's/=.*//' | sort -u) | grep -v '^AWS')" ]
  [ "$(asked 'requests.map((request) => request.accessKeyId).join()')" = AKIAUSER10100EXAMPLE,AKIAUSER10100EXAMPLE ]
}

in_each_shell 'a switch that fails changes nothing, and has its status' failures
failures() {
  run_shell <<END
$(code_load)
$(code_awsrole -)
$(code_status none)
$(dump without)
$(code_awsrole rol101)
$(code_status unknown)
$(dump still-without)
$(code_awsrole plain)
$(dump with)
$(code_awsrole nobody)
$(code_status again)
$(code_awsrole --nonsense plain)
$(code_status usage)
$(code_awsrole off extra)
$(code_status words)
$(code_awsrole --version)
$(code_status version)
$(dump still-with)
$(code_awsrole -)
$(show AWSROLE_PROFILE)
END
  has 'none status 2' 'unknown status 3' 'again status 3' 'usage status 2' 'words status 2' 'version status 0' 'AWSROLE_PROFILE unset'
  has_part 'no role before this one' role101
  same without still-without
  same with still-with
}

in_each_shell 'hostile profile names are names' hostile_names
hostile_names() {
  local name number=0 script=
  local hostile=('a b' "it's \"x\"" '$(touch x)`touch x`' '../up' -rf --help list off - 'ünïcode' '* ~ %s a\b $HOME {x}' ';touch x')
  for name in "${hostile[@]}"; do
    profile "$name" plain
    number=$((number + 1))
    script+="$(code_awsrole -- "$name")
$(code_status "$number")
$(show AWSROLE_PROFILE)
$(code_awsrole off)
$(code_awsrole -)
$(show AWSUME_PROFILE)
$(code_awsrole off)
"
  done
  run_shell <<END
$(code_load)
$(dump before)
$script
$(dump after)
END
  number=0
  for name in "${hostile[@]}"; do
    number=$((number + 1))
    has "$number status 0" "AWSROLE_PROFILE exported $name" "AWSUME_PROFILE exported $name"
  done
  same before after
}

in_each_shell 'values of the AWS files arrive to the letter' hostile_values
hostile_values() {
  local value='https://x.test/it'\''s"$(touch x)`touch x`;\\n%s {a} $HOME * =='
  profile p plain "endpoint_url = $value"
  run_shell <<END
$(code_load)
$(code_awsrole p)
$(show AWS_ENDPOINT_URL)
END
  has "AWS_ENDPOINT_URL exported $value"
}

in_each_shell 'a child of a switched shell leaves the role, or takes another' child
child() {
  {
    code_prelude
    cat <<END
$(code_load)
$(show AWSROLE_PROFILE)
$(code_awsrole external)
$(code_status switch)
$(show AWSUME_PROFILE AWS_DEFAULT_OUTPUT)
$(code_awsrole -)
$(show AWSROLE_ROLE_ARN)
$(code_awsrole off)
$(code_status off)
$(show AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN AWS_DEFAULT_REGION AWSROLE_NAMES AWS_X)
END
  } >"$BATS_TEST_TMPDIR/child"
  profile p plain 'output = text'
  run_shell <<END
$(code_export AWS_X mine)
$(code_load)
$(code_awsrole p)
$(code_child "$BATS_TEST_TMPDIR/child")
$(show AWS_DEFAULT_OUTPUT)
END
  has 'AWSROLE_PROFILE exported p' 'switch status 0' 'AWSUME_PROFILE exported external' 'AWS_DEFAULT_OUTPUT unset' \
    "AWSROLE_ROLE_ARN exported $ROLE/plain" 'off status 0' 'AWS_ACCESS_KEY_ID unset' 'AWS_SESSION_TOKEN unset' \
    'AWS_DEFAULT_REGION unset' 'AWSROLE_NAMES unset' 'AWS_X exported mine' 'AWS_DEFAULT_OUTPUT exported text'
  has_part 'left p: removed AWS_' 'only the shell that switched can put back what they were'
}

in_each_shell 'exec starts from what was before, status and whoami speak of what is held' commands
commands() {
  environment+=(AWS_DEFAULT_OUTPUT=table)
  profile p plain 'output = text'
  run_shell <<END
$(code_load)
$(code_awsrole p)
$(dump before)
$(code_awsrole exec external -- sh -c 'echo "in $AWSROLE_PROFILE, $AWS_DEFAULT_OUTPUT"; exit 7')
$(code_status exec)
$(code_awsrole)
$(code_status bare)
$(code_awsrole whoami)
$(code_status whoami)
$(dump after)
END
  has 'in external, table' 'exec status 7' 'bare status 0' 'whoami status 0'
  has_part "p: $ROLE/plain" ':assumed-role/plain/'
  same before after
}

in_each_shell 'a code comes by standard input' code_by_input
code_by_input() {
  run_shell <<END
$(code_load)
$(code_input "$(mfa_code)" --mfa-code - role101)
$(code_status piped)
$(show AWSROLE_PROFILE)
END
  # Behind a pipe these are in a subshell, so it is a file there.
  has 'piped status 0' 'AWSROLE_PROFILE exported role101'
}

in_each_shell 'lines that are not as the core writes them change nothing' broken_lines
broken_lines() {
  local good=$BATS_TEST_TMPDIR/good bad=$BATS_TEST_TMPDIR/bad edit number=0
  local edits=('/^end$/d' '$a junk' '$a AWS_REGION=evil' '$a end' 's/^AWS_REGION=.*/AWS_REGION evil/' 's/^AWS_REGION=/PATH=/'
    's/^AWS_REGION=/aws_region=/' 's/^AWS_REGION=/AWS_A[$(touch x)]=/' 's/^AWS_REGION=/AWS_A AWS_REGION=/' 's/^AWS_REGION=.*/AWS_REGION/'
    's/^AWS_REGION=.*//' 's/ AWS_VAULT/ PATH/' 's/ AWS_VAULT/ AWS_VAULT=/' 's/ AWS_VAULT/ AWS_V[$(touch x)]/' '/^says/d' '/^unset/d'
    's/^times .*/times 1 a[$(touch x)]/' 's/^times .*/times/' 's/^times .*/times 1 99999999999999/' 's/^awsrole-session 2/awsrole-session 3/')
  # The lines themselves, kept by another awsrole.
  env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" session-lines plain >"$good"
  run_shell <<END
$(code_load)
$(code_export CORE_ANSWER "$good")
$(code_awsrole plain)
$(code_status good)
$(show AWSROLE_PROFILE)
END
  has 'good status 0' 'AWSROLE_PROFILE exported plain'
  run_shell < <(
    code_load
    dump before
    code_export CORE_ANSWER "$bad"
    for edit in "${edits[@]}"; do
      number=$((number + 1))
      sed "$edit" "$good" >"$bad-$number"
      code_export CORE_ANSWER "$bad-$number"
      code_awsrole plain
      code_status "$number"
    done
    code_export CORE_ANSWER ''
    dump after
  )
  for ((number = 1; number <= ${#edits[@]}; number++)); do has "$number status 1"; done
  sed -i '/^CORE_ANSWER=/d' "$DUMPS/after.env"
  same before after
  has_no touched
}

in_each_shell 'loading it twice loses nothing' loaded_twice
loaded_twice() {
  # Where there is an editor, so only at a terminal.
  [ "$shell" != elvish ] || return 0
  run_shell <<END
$(code_export AWS_REGION sa-east-1)
$(code_load)
$(code_load)
$(dump before)
$(code_awsrole plain)
$(code_load)
$(code_awsrole external)
$(code_awsrole -)
$(show AWSROLE_PROFILE)
$(code_awsrole off)
$(dump after)
END
  has 'AWSROLE_PROFILE exported plain'
  same before after
}

in_each_shell 'a control character does not reach the terminal' control_characters
control_characters() {
  environment+=($'AWSROLE_PROFILE=p\e]0;x\aq' AWSROLE_NAMES=AWSROLE_PROFILE)
  run_shell <<END
$(code_load)
$(code_awsrole off)
END
  has_part 'left p?]0;x?q: removed AWSROLE_PROFILE'
}

in_each_shell 'at a terminal: the code, the prompt, names on Tab' terminal
terminal() {
  # shellcheck disable=SC2034 # elvish's idioms read it
  local typed=yes
  need tmux
  TERMINALS=$((TERMINALS + 1))
  tmux_ new-session -d -x 200 -y 50 -c "$WORK" -- env -i "${environment[@]}" "${terminal[@]}"
  wait_for '[#$>] *$|[#$>] .*$'
  type_line "$(code_load)"
  type_line 'awsrole status'
  wait_for 'no role is held in this shell'
  type_line 'awsrole role101'
  wait_for "MFA code for $DEVICE: *$"
  type_line "$(mfa_code)"
  wait_for "role101: $ROLE/role101, us-east-1, (60|59)m left"
  wait_for '^\(role101 (60|59)m\) '
  type_line "$(code_load)"
  type_line 'awsrole status'
  wait_for 'get a new session now'
  wait_for '^\(role101 (60|59)m\) .*[#>] *([^ ]+@[^ ]+|[0-9]+/.*)?$'
  if [ -n "$completes" ]; then
    type_text 'awsrole pl'
    press Tab
    wait_for '^\(role101 (60|59)m\) .*awsrole plain'
    press Enter
    press Enter
    wait_for "^plain: $ROLE/plain, eu-west-1, (60|59)m left"
    wait_for '^\(plain (60|59)m\) '
    type_line 'awsrole -'
    wait_for "^role101: $ROLE/role101, us-east-1" 2
  fi
  type_line 'awsrole exec plain -- tty'
  wait_for '^/dev/pts/'
  type_line 'awsrole off'
  wait_for '^left role101: the shell is as it was before'
  type_line 'awsrole status'
  wait_for 'no role is held in this shell' 2
  ! screen | tail -n 3 | grep -F '(role101'
}

# ---- what only ksh, mksh, dash and busybox have: variables that children do not get, options, aliases

in_each_setting 'other people'\''s settings: it works, and leaves them alone' with_setting
with_setting() {
  environment+=(AWS_REGION=sa-east-1)
  run_shell <<END
AWS_DEFAULT_REGION='it'\\''s mine'
$setting
$(code_load)
$(dump before)
\\command echo "options \$-"
$(code_awsrole plain)
$(code_status plain)
$(show AWSROLE_PROFILE AWS_DEFAULT_REGION)
$(code_awsrole external)
$(code_awsrole -)
$(show AWSUME_PROFILE)
$(code_awsrole off)
\\command echo "options \$-"
\\command echo "own \$AWS_DEFAULT_REGION"
$(dump after)
END
  [ "$status" -eq 0 ]
  has 'plain status 0' 'AWSROLE_PROFILE exported plain' 'AWS_DEFAULT_REGION exported eu-west-1' 'AWSUME_PROFILE exported plain' "own it's mine"
  [ "$(grep '^options' <<<"$output" | uniq | wc -l)" = 1 ]
  same before after
}

# in_posix DESCRIPTION FUNCTION
in_posix() {
  # shellcheck disable=SC2034 # in_each_shell reads it
  local SHELLS=(dash mksh ksh93 busybox)
  in_each_shell "$@"
}

in_posix 'a trace shows no secret' traced
traced() {
  run_shell <<END
$(code_load)
set -x
$(code_awsrole plain)
$(dump held)
$(code_awsrole external)
$(code_awsrole nobody)
$(code_awsrole off)
$(code_awsrole -)
still_traced=yes
END
  [ "$(variable held AWS_SECRET_ACCESS_KEY | wc -c)" = 41 ]
  has_no "$(variable held AWS_SECRET_ACCESS_KEY)" "$(variable held AWS_SESSION_TOKEN | cut -c 1-40)" ASIA
  has_part still_traced=yes
}

in_posix 'nothing of a role is left in the shell behind off' nothing_left
nothing_left() {
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(dump held)
$(code_awsrole off)
set
END
  has_no "$(variable held AWS_SECRET_ACCESS_KEY)" "$(variable held AWS_SESSION_TOKEN)"
}

in_posix 'under set -e a failed switch ends the script' errexit
errexit() {
  run_shell <<END
$(code_load)
set -e
$(code_awsrole nobody)
echo on
END
  [ "$status" -eq 3 ]
  has_no $'\non'
}

in_posix 'a readonly variable: no switch, no half of one' readonly_variable
readonly_variable() {
  run_shell <<END
$(code_load)
$(code_readonly AWS_REGION fixed)
$(dump before)
$(code_awsrole plain)
$(code_status readonly)
$(dump after)
END
  has 'readonly status 1'
  has_part 'AWS_REGION is readonly in this shell'
  same before after
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_readonly AWS_DEFAULT_REGION fixed)
$(dump held)
$(code_awsrole off)
$(code_status off)
$(code_awsrole external)
$(code_status external)
$(dump still)
END
  has 'off status 1' 'external status 1'
  same held still
}

# ---- where it is loaded from

in_each_shell 'an installation in a folder with an odd name' odd_folder
odd_folder() {
  local PREFIX="$BATS_TEST_TMPDIR/it's \"x\" \$(touch x) {y}"
  mkdir -p "$PREFIX/share" "$PREFIX/bin"
  cp -R "$BATS_FILE_TMPDIR/a prefix's place/share/awsrole" "$PREFIX/share/"
  ln -s ../share/awsrole/shell/awsrole "$PREFIX/bin/awsrole"
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(show AWSROLE_PROFILE)
END
  has 'AWSROLE_PROFILE exported plain'
}

in_each_shell 'an open shell, when an update has put awsrole elsewhere' moved_away
moved_away() {
  local new=$BATS_TEST_TMPDIR/new PREFIX=$BATS_TEST_TMPDIR/old
  mkdir -p "$PREFIX/share" "$PREFIX/bin"
  cp -R "$BATS_FILE_TMPDIR/a prefix's place/share/awsrole" "$PREFIX/share/"
  ln -s ../share/awsrole/shell/awsrole "$PREFIX/bin/awsrole"
  environment+=("PATH=$new/bin:$PATH")
  # shellcheck disable=SC2034 # code_load reads it
  [ ! -e "$PREFIX/share/awsrole/shell/awsrole.sh" ] || integration=$PREFIX/share/awsrole/shell/awsrole.sh
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_run mv "$PREFIX" "$new")
$(code_awsrole external)
$(code_status moved)
$(show AWSROLE_PROFILE)
$(code_awsrole off)
$(show AWSROLE_PROFILE)
END
  has 'moved status 0' 'AWSROLE_PROFILE exported external' 'AWSROLE_PROFILE unset'
}
