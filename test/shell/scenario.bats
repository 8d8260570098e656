#!/usr/bin/env bats
# What a person does with awsrole, in every shell, with the installed program and the sandbox STS.
# A behaviour is written once; how each shell says it is in lib/idioms-NAME.bash.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(bash zsh fish powershell)

# What a switch may set and unset, by design.
DOCUMENTED='AWS_ACCESS_KEY_ID|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_CREDENTIAL_EXPIRATION|AWS_REGION|AWS_DEFAULT_REGION|AWS_ACCOUNT_ID|AWS_DEFAULT_OUTPUT|AWS_ENDPOINT_URL|AWS_RETRY_MODE|AWSROLE_(PROFILE|ACCESS_KEY_ID|ROLE_ARN|MFA_SERIAL|ACCOUNT_ID|EXPIRES|NAMES)|AWSUME_PROFILE'

# only_documented BEFORE AFTER: child processes get nothing new but what is documented.
only_documented() {
  local new
  new=$(comm -13 <(names "$1") <(names "$2") | grep -Evx "$DOCUMENTED|_" || :)
  [ -z "$new" ] || { echo "also exported: $new" && return 1; }
}
names() { sed -nE 's/^([A-Za-z_][A-Za-z0-9_]*(%%)?)=.*/\1/p' "$DUMPS/$1.env" | sort; }

# ---- the first switch, and the way back

in_each_shell 'the code is typed once, the session is everywhere, and off puts everything back' first_switch
first_switch() {
  local code
  open_terminal
  enter "$(code_set AWS_RETRY_MODE mine)"
  enter "$(code_export AWS_PROFILE user101)"
  enter "$(code_dump before)"
  submit 'awsrole role101'
  wait_for "^MFA code for $DEVICE: *$"
  code=$(mfa_code)
  type_text "$code"
  wait_for '^MFA code for .*: \*{6}$'
  not_in_argv "$code"
  press Enter
  finished
  [ "$status" -eq 0 ]
  wait_for "^role101: $ROLE/role101, us-east-1, (60|59)m left"
  not_on_screen "$code"
  not_in_argv "$code"
  enter "$(code_dump held)"
  only_documented before held
  [ "$(variable held AWSROLE_PROFILE)" = role101 ]
  [ "$(variable held AWSROLE_ROLE_ARN)" = "$ROLE/role101" ]
  [ "$(variable held AWSROLE_ACCOUNT_ID)" = 123456789012 ]
  [ "$(variable held AWS_REGION) $(variable held AWS_DEFAULT_REGION)" = 'us-east-1 us-east-1' ]
  [ "$(variable held AWS_DEFAULT_OUTPUT) $(variable held AWSUME_PROFILE)" = 'json role101' ]
  [[ $(variable held AWS_ACCESS_KEY_ID) == ASIA* && -n $(variable held AWS_SESSION_TOKEN) ]]
  [ "$(date -u -d "@$(variable held AWSROLE_EXPIRES)" +%Y-%m-%dT%H:%M:%SZ)" = "$(variable held AWS_CREDENTIAL_EXPIRATION)" ]
  grep '^AWS_PROFILE=' "$DUMPS/held.env" && return 1

  # Another terminal: no question, no request, not even the core.
  run_shell <<END
$(code_load)
$(code_awsrole role101)
$(code_status other)
$(code_show AWSROLE_PROFILE AWS_ACCESS_KEY_ID)
END
  has 'other status 0' 'AWSROLE_PROFILE exported role101' "AWS_ACCESS_KEY_ID exported $(variable held AWS_ACCESS_KEY_ID)"
  [ "$(assume_roles) $(core_starts)" = '1 1' ]

  enter 'awsrole -'
  on_screen 'left role101: the shell is as it was before'
  enter "$(code_dump toggled)"
  same_dumps before toggled
  enter 'awsrole -'
  enter "$(code_dump again)"
  same_environment held again
  [ "$(assume_roles)" = 1 ]
  enter 'awsrole off'
  [ "$status" -eq 0 ]
  enter "$(code_dump after)"
  same_dumps before after
  enter 'awsrole off'
  [ "$status" -eq 0 ]
  on_screen 'no role is held in this shell'
}

# not_in_argv CODE: of all processes of this test, which have its home folder in their environment; other tests type the
# same code at the same time, and its digits are part of other numbers.
not_in_argv() {
  local pattern="(^|[^0-9])$1([^0-9]|\$)"
  ! ps axeww -o args= | grep -F "HOME=$HOME_FOLDER" | grep -E -- "$pattern" || { echo "$1 can be seen in a command line" && return 1; }
}

in_each_shell 'the AWS CLI is the role' aws_cli
aws_cli() {
  need aws
  run_shell <<END
$(code_load)
$(code_awsrole plain)
aws sts get-caller-identity
END
  has_part ':assumed-role/plain/'
}

in_each_shell 'what would outrank the keys goes with a switch and comes back with off' leftovers
leftovers() {
  local names='AWS_ROLE_ARN AWS_WEB_IDENTITY_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_ACCOUNT_ID AWS_SECRET_KEY'
  run_shell <<END
$(code_export AWS_ROLE_ARN arn:aws:iam::210987654321:role/pod)
$(code_export AWS_WEB_IDENTITY_TOKEN_FILE /var/run/token)
$(code_export AWS_CONTAINER_CREDENTIALS_FULL_URI http://169.254.170.23/v1/credentials)
$(code_export AWS_ACCOUNT_ID 210987654321)
$(code_export AWS_SECRET_KEY old)
$(code_load)
$(code_awsrole plain)
$(code_show $names)
$(code_awsrole external)
$(code_awsrole off)
echo after
$(code_show $names)
END
  has 'AWS_ROLE_ARN unset' 'AWS_WEB_IDENTITY_TOKEN_FILE unset' 'AWS_CONTAINER_CREDENTIALS_FULL_URI unset' \
    'AWS_ACCOUNT_ID exported 123456789012' 'AWS_SECRET_KEY unset'
  output=${output#*after}
  has 'AWS_ROLE_ARN exported arn:aws:iam::210987654321:role/pod' 'AWS_WEB_IDENTITY_TOKEN_FILE exported /var/run/token' \
    'AWS_CONTAINER_CREDENTIALS_FULL_URI exported http://169.254.170.23/v1/credentials' \
    'AWS_ACCOUNT_ID exported 210987654321' 'AWS_SECRET_KEY exported old'
}

in_each_shell 'with no role before, - says so' nothing_before
nothing_before() {
  run_shell <<END
$(code_load)
$(code_awsrole -)
$(code_status none)
$(code_awsrole off extra)
$(code_status words)
END
  has 'none status 2' 'words status 2'
  has_part 'no role before this one'
}

in_each_shell 'dash goes back and forth between roles, and to none' back_and_forth
back_and_forth() {
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_awsrole external)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE)
$(code_awsrole -)
$(code_show AWSUME_PROFILE)
$(code_awsrole off)
$(code_awsrole -)
$(code_show AWSROLE_ROLE_ARN)
$(code_awsrole -)
$(code_show AWSROLE_EXPIRES)
END
  has 'AWSROLE_PROFILE exported plain' 'AWSUME_PROFILE exported external' \
    "AWSROLE_ROLE_ARN exported $ROLE/external" 'AWSROLE_EXPIRES unset'
}

# ---- codes

in_each_shell 'wrong codes are asked for again, misshapen and used ones are not sent' codes
codes() {
  local code wrong
  wrong=$(wrong_code) # it is another one as soon as the device shows the next code
  open_terminal
  submit 'awsrole role101'
  wait_for '^MFA code for ' 1
  type_line "$wrong"
  wait_for 'AWS refused that code: mistyped, or used before; type what the device shows now; if that was used, the next one comes in [0-9]+ s'
  wait_for '^MFA code for ' 2
  type_line 12345
  wait_for 'an MFA code has six digits; it was not sent'
  wait_for '^MFA code for ' 3
  [ "$(codes_sent)" = 1 ]
  type_line "$wrong"
  wait_for 'AWS has refused that code already: type what the device shows now, or wait for the next one'
  wait_for '^MFA code for ' 4
  code=$(mfa_code)
  # As some authenticators show it.
  type_line "${code:0:3} ${code:3}"
  finished
  [ "$status" -eq 0 ]
  [ "$(codes_sent) $(core_starts)" = '2 1' ]
  # The same code serves the next role; one that lasts longer than an hour wants its own.
  submit 'awsrole role102'
  finished
  [ "$status" -eq 0 ]
  [ "$(codes_sent)" = 2 ]
  submit 'awsrole long'
  wait_for '^MFA code for ' 5
  type_line "$code"
  wait_for 'that code was used, wait for the next one \([0-9]+ s\)'
  wait_for '^MFA code for ' 6
  press C-c
  finished
  [ "$status" -eq 130 ]
  [ "$(codes_sent)" = 2 ]
  not_on_screen "$code"
}

in_each_shell 'Ctrl-C and Ctrl-D at the prompt change nothing' given_up
given_up() {
  open_terminal
  enter "$(code_awsrole plain)"
  enter "$(code_dump before)"
  enter "stty -a > '$DUMPS/tty-before'"
  submit 'awsrole role101'
  wait_for '^MFA code for ' 1
  type_text 123
  wait_for ': \*\*\*$'
  press C-c
  finished
  [ "$status" -eq 130 ]
  enter "stty -a > '$DUMPS/tty-after'"
  diff "$DUMPS/tty-before" "$DUMPS/tty-after"
  submit 'awsrole role101'
  wait_for '^MFA code for ' 2
  press C-d
  finished
  [ "$status" -eq 4 ]
  enter "stty -a > '$DUMPS/tty-after'"
  diff "$DUMPS/tty-before" "$DUMPS/tty-after"
  enter "$(code_dump after)"
  same_environment before after
  same_dumps before after
  [ "$(asked 'requests.filter((request) => request.tokenCode).length')" = 0 ]
}

in_each_shell 'without a terminal a code comes by standard input, or not at all' no_terminal
no_terminal() {
  run setsid -w env -i "${environment[@]}" "${start[@]}" <(
    code_prelude
    code_load
    code_awsrole role101
    code_status nobody
    echo "printf '%s\n' $(mfa_code) | $({ code_awsrole --mfa-code - role101 && code_status piped && code_show AWSROLE_PROFILE; } | code_group)"
    code_awsrole --mfa-code 123456 role101
    code_status argument
  ) </dev/null
  has 'nobody status 4' 'piped status 0' 'AWSROLE_PROFILE exported role101' 'argument status 2'
  has_part 'there is no terminal to ask on'
}

# ---- a user's MFA session

in_each_shell 'a user with a device is an MFA session, which is kept, and serves the roles' user_session
user_session() {
  sed -i "s|^\\[user101\\]|&\\nmfa_serial = $DEVICE|" "$HOME_FOLDER/.aws/credentials"
  settle
  open_terminal
  enter "$(code_dump before)"
  submit 'awsrole user101'
  wait_for "^MFA code for $DEVICE: *$"
  type_line "$(mfa_code)"
  finished
  [ "$status" -eq 0 ]
  wait_for "^user101: MFA session with $DEVICE, us-east-1, (12h00m|11h59m) left"
  wait_for '^\(user101 (12h00m|11h59m)\) '
  enter "$(code_dump held)"
  only_documented before held
  [ "$(variable held AWSROLE_MFA_SERIAL)" = "$DEVICE" ]
  [[ $(variable held AWS_ACCESS_KEY_ID) == ASIA* && -n $(variable held AWS_SESSION_TOKEN) ]]
  ! grep '^AWSROLE_ROLE_ARN=' "$DUMPS/held.env"
  # Elsewhere it is there without a code, a request or the core; exec takes it too.
  run_shell <<END
$(code_load)
$(code_awsrole user101)
$(code_show AWS_ACCESS_KEY_ID AWSROLE_ROLE_ARN)
$(code_awsrole exec user101 -- printenv AWSROLE_MFA_SERIAL)
END
  has "AWS_ACCESS_KEY_ID exported $(variable held AWS_ACCESS_KEY_ID)" 'AWSROLE_ROLE_ARN unset' "$DEVICE"
  [ "$(core_starts) $(asked 'requests.length')" = '1 1' ]
  run_shell <<END
$(code_load)
$(code_awsrole user101)
$(code_awsrole plain)
$(code_show AWSROLE_PROFILE AWSROLE_MFA_SERIAL)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE AWSROLE_ROLE_ARN)
$(code_awsrole --no-mfa user101)
$(code_show AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN AWSROLE_MFA_SERIAL)
END
  has 'AWSROLE_PROFILE exported plain' 'AWSROLE_MFA_SERIAL unset' 'AWSROLE_PROFILE exported user101' \
    'AWSROLE_ROLE_ARN unset' 'AWS_ACCESS_KEY_ID exported AKIAUSER10100EXAMPLE' 'AWS_SESSION_TOKEN unset'
  [ "$(codes_sent)" = 1 ]
  enter 'awsrole off'
  enter "$(code_dump after)"
  same_dumps before after
}

# ---- failures

in_each_shell 'a switch that fails changes not one byte' failures
failures() {
  profile denied nobody
  run_shell <<END
$(code_load)
$(code_dump without)
$(code_awsrole rol101)
$(code_status unknown)
$(code_awsrole denied)
$(code_status denied)
$(code_dump still-without)
$(code_awsrole plain)
$(code_export AWS_ENDPOINT_URL_STS http://127.0.0.1:1)
$(code_export AWS_MAX_ATTEMPTS 1)
$(code_dump with)
$(code_awsrole external)
$(code_status down)
$(code_awsrole rol101)
$(code_status again)
$(code_awsrole --nonsense plain)
$(code_status usage)
$(code_dump still-with)
$(code_awsrole -)
$(code_awsrole -)
$(code_show AWS_MAX_ATTEMPTS)
END
  has 'unknown status 3' 'denied status 5' 'down status 6' 'again status 3' 'usage status 2'
  has_part 'role101' 'AWS denies' '127.0.0.1:1'
  same_environment without still-without
  same_dumps without still-without
  same_environment with still-with
  same_dumps with still-with
}

# ---- from one role to another

in_each_shell 'nothing of one role is left in the next, and what was there comes back' one_to_another
one_to_another() {
  {
    # Has no region, so that its roles have none.
    printf '[bare]\n'
    sed -n '/^\[user101\]/,/^region/p' "$HOME_FOLDER/.aws/credentials" | grep '^aws_'
  } >"$BATS_TEST_TMPDIR/bare"
  cat "$BATS_TEST_TMPDIR/bare" >>"$HOME_FOLDER/.aws/credentials"
  profile a plain 'region = ap-south-1' 'output = text' 'endpoint_url = http://127.0.0.1:9' 'retry_mode = adaptive' 'max_attempts = 2'
  profile b external 'external_id = partner-7/east' 'source_profile = bare'
  # What the role sets is not where the next one is asked for.
  environment=("${environment[@]/AWS_ENDPOINT_URL_STS/AWS_ENDPOINT_URL}")
  local all='AWS_REGION AWS_DEFAULT_REGION AWS_PROFILE AWS_DEFAULT_OUTPUT AWS_ENDPOINT_URL AWS_RETRY_MODE AWS_MAX_ATTEMPTS AWS_X'
  local script
  script=$(
    cat <<END
$(code_load)
$(code_export AWS_REGION sa-east-1)
$(code_export AWS_PROFILE user101)
$(code_export AWS_DEFAULT_OUTPUT table)
$(code_set AWS_DEFAULT_REGION 'mine only')
$(code_set AWS_RETRY_MODE '')
$(code_export AWS_MAX_ATTEMPTS '')
$(code_set AWS_X secret)
$(code_dump before)
$(code_awsrole a)
echo in a
$(code_show $all)
$(code_awsrole b)
echo in b
$(code_show $all)
$(code_awsrole off)
$(code_dump after)
echo off
$(code_show $all)
END
  )
  local round
  # First from the core, then from the session files, but for the one whose region is the shell's.
  for round in 2 3; do
    run_shell <<<"$script"
    [ "$(core_starts)" = "$round" ]
    [[ $output == *"in a
AWS_REGION exported ap-south-1
AWS_DEFAULT_REGION exported ap-south-1
AWS_PROFILE unset
AWS_DEFAULT_OUTPUT exported text
AWS_ENDPOINT_URL exported http://127.0.0.1:9
AWS_RETRY_MODE exported adaptive
AWS_MAX_ATTEMPTS exported 2
AWS_X shell secret
"*"in b
AWS_REGION exported sa-east-1
AWS_DEFAULT_REGION exported sa-east-1
AWS_PROFILE unset
AWS_DEFAULT_OUTPUT exported table
AWS_ENDPOINT_URL exported $STS
AWS_RETRY_MODE shell "*"
AWS_MAX_ATTEMPTS exported "*"
AWS_X shell secret
"*"off
AWS_REGION exported sa-east-1
AWS_DEFAULT_REGION shell mine only
AWS_PROFILE exported user101
AWS_DEFAULT_OUTPUT exported table
AWS_ENDPOINT_URL exported $STS
AWS_RETRY_MODE shell "*"
AWS_MAX_ATTEMPTS exported "*"
AWS_X shell secret" ]] || { echo "$output" && return 1; }
    same_dumps before after
  done
  [ "$(asked 'requests.map((request) => request.accessKeyId).join()')" = AKIAUSER10100EXAMPLE,AKIAUSER10100EXAMPLE ]
}

# ---- the fast path

# Switches to a profile (plain) in a new shell.
switch() {
  run_shell <<END
$(code_load)
$(code_awsrole "${1-plain}")
$(code_status switch)
$(code_show AWSROLE_PROFILE AWSROLE_ROLE_ARN AWS_REGION)
END
}

# served: the last switch was without the core; not_served: it asked the core. Both came to the right result.
served() {
  has 'switch status 0' "AWSROLE_PROFILE exported ${1-plain}"
  [ "$(core_starts)" = "$STARTS" ] || { echo "the core was asked" && return 1; }
}

not_served() {
  has 'switch status 0' "AWSROLE_PROFILE exported ${1-plain}"
  has_no evil
  [ "$(core_starts)" -eq $((STARTS + 1)) ] || { echo "the core was not asked" && return 1; }
  STARTS=$((STARTS + 1))
}

primed() {
  STARTS=0
  switch "$@"
  not_served "$@"
  switch "$@"
  served "$@"
}

in_each_shell 'a cached switch starts no process' no_process
no_process() {
  need strace
  primed
  mkdir "$BATS_TEST_TMPDIR/mark-begin" "$BATS_TEST_TMPDIR/mark-end"
  # shellcheck disable=SC2034
  tracer=(strace -f -qq -y -e 'trace=process,chdir,fchdir' -o "$BATS_TEST_TMPDIR/trace")
  run_shell <<END
$(code_load)
$(code_mark begin)
$(code_awsrole plain)
$(code_awsrole off)
$(code_awsrole -)
$(code_mark end)
$(code_show AWSROLE_PROFILE)
END
  has 'AWSROLE_PROFILE exported plain'
  sed '1,/mark-begin/d;/mark-end/,$d' "$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/between"
  grep -q mark-begin "$BATS_TEST_TMPDIR/trace"
  grep -q mark-end "$BATS_TEST_TMPDIR/trace"
  # A thread is no process: fish reads its command substitutions in one.
  sed -i -E '/CLONE_THREAD|[0-9] +exit\(0|\+\+\+ exited|<\.\.\. exit resumed/d' "$BATS_TEST_TMPDIR/between"
  [ ! -s "$BATS_TEST_TMPDIR/between" ] || { cat "$BATS_TEST_TMPDIR/between" && return 1; }
}

# spoil WHAT COMMAND...: after the command the session file is not served: the core is asked, which here says no, and then
# nothing has changed.
spoil() {
  echo "# $1"
  shift
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled"
  "$@"
  environment+=(CORE_STATUS=77)
  switch
  has 'switch status 77' 'AWSROLE_PROFILE unset' 'AWSROLE_ROLE_ARN unset' 'AWS_REGION unset'
  has_no evil
  unset 'environment[-1]'
  rm -rf "$(session_file plain)"
  cp -p "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
}

# spoiled WHAT COMMAND...: keeps what the command makes of the session file, for none_served.
spoiled() {
  SPOILED+=("$1")
  shift
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled"
  "$@"
  mv "$(session_file plain)" "$BATS_TEST_TMPDIR/spoiled-${#SPOILED[@]}"
  cp -p "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
}

# As spoil, for all spoiled files in one shell, as some take long to start: a failed switch leaves it as it was.
none_served() {
  local n none
  environment+=(CORE_STATUS=77)
  run_shell < <(
    code_load
    for ((n = 1; n <= ${#SPOILED[@]}; n++)); do
      echo "cp -p $(quote "$BATS_TEST_TMPDIR/spoiled-$n") $(quote "$(session_file plain)")"
      code_awsrole plain
      code_status "spoiled-$n"
      code_show AWSROLE_PROFILE AWSROLE_ROLE_ARN AWS_REGION
    done
  )
  unset 'environment[-1]'
  cp -p "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
  none=$'AWSROLE_PROFILE unset\nAWSROLE_ROLE_ARN unset\nAWS_REGION unset'
  for ((n = 1; n <= ${#SPOILED[@]}; n++)); do
    echo "# ${SPOILED[n - 1]}"
    has_part "spoiled-$n status 77"$'\n'"$none"
  done
  has_no evil
}

# edit EXPRESSION: of the session file of plain, by sed.
edit() {
  sed -i -E "$1" "$(session_file plain)"
  cmp -s "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled" && echo "not edited: $1" && return 1
  return 0
}

in_each_shell 'an endpoint of [default] stays out, and nothing of it is left' default_endpoint
default_endpoint() {
  local at
  # The shell itself names no endpoint.
  for at in "${!environment[@]}"; do
    if [[ ${environment[at]} == AWS_ENDPOINT_URL* ]]; then unset "environment[$at]"; fi
  done
  printf '{"Version": 1, "AccessKeyId": "ASIATOOL", "SecretAccessKey": "x", "SessionToken": "y", "Expiration": "%s"}' \
    "$(date -u -d '+50 minutes' +%Y-%m-%dT%H:%M:%SZ)" >"$BATS_TEST_TMPDIR/keys"
  printf '\n[profile tool]\ncredential_process = /bin/cat "%s"\n[default]\nendpoint_url = http://127.0.0.1:1\n' \
    "$BATS_TEST_TMPDIR/keys" >>"$HOME_FOLDER/.aws/config"
  profile own plain "endpoint_url = $STS"
  primed own
  run_shell <<END
$(code_load)
$(code_awsrole tool)
$(code_show AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_ENDPOINT_URL)
$(code_awsrole own)
$(code_show AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_ENDPOINT_URL)
$(code_awsrole tool)
$(code_show AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_ENDPOINT_URL)
$(code_awsrole off)
$(code_show AWS_IGNORE_CONFIGURED_ENDPOINT_URLS AWS_ENDPOINT_URL)
END
  [ "$(grep -E '^AWS_(IGNORE|ENDPOINT)' <<<"$output")" = "\
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS exported true
AWS_ENDPOINT_URL unset
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS unset
AWS_ENDPOINT_URL exported $STS
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS exported true
AWS_ENDPOINT_URL unset
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS unset
AWS_ENDPOINT_URL unset" ] || { echo "$output" && return 1; }
}

in_each_shell 'a session file that is not as the core wrote it is not served' spoiled_files
spoiled_files() {
  local SPOILED=()
  primed
  spoiled 'over' edit 's/^times .*/times 1700000000 1700000000/'
  spoiled 'past its time of renewal' edit "s/^times [0-9]*/times $(date +%s)/"
  spoiled 'no times' edit 's/^times .*/times/'
  spoiled 'one time' edit 's/^(times [0-9]*) .*/\1/'
  spoiled 'text for a number' edit 's/^times [0-9]*/times a[$(touch x)]/'
  spoiled 'text for the end' edit 's/^(times [0-9]*) .*/\1 a[$(touch x)]/'
  spoiled 'a long number' edit 's/^times [0-9]*/times 99999999999999999999/'
  spoiled 'a negative number' edit 's/^times /times -/'
  spoiled 'three numbers' edit 's/^times .*/& 1/'
  spoiled 'hexadecimal' edit 's/^(times [0-9]*) .*/\1 0x7fffffff/'
  spoiled 'another version' edit 's/^awsrole-session 2/awsrole-session 1/'
  spoiled 'another profile' edit 's/^awsrole-session 2 plain/awsrole-session 2 external/'
  spoiled 'no profile' edit 's/^awsrole-session 2 plain/awsrole-session 2/'
  spoiled 'another home' edit 's/^for [^|]*/for \/home\/evil/'
  spoiled 'another config file' edit 's/^(for [^|]*\|)[^|]*/\1\/evil/'
  spoiled 'another credentials file' edit 's/^(for [^|]*\|[^|]*\|)[^|]*/\1\/evil/'
  spoiled 'another endpoint' edit 's/^(for .*\|)[^|]*/\1http:\/\/evil/'
  spoiled 'the key of no shell' edit 's/^for .*/for -/'
  spoiled 'a stamp out of the folder' edit 's/^states [^ ]*/states ..\/..\/x/'
  spoiled 'no stamp' edit 's/^states [^ ]* /states /'
  spoiled 'a state that was not recorded' edit 's/^states .*/states - - -/'
  spoiled 'config is said to be absent' edit 's/^states [^ ]*/states absent/'
  spoiled 'credentials are said to be absent' edit 's/^(states [^ ]*) [^ ]*/\1 absent/'
  spoiled 'settings are said to be there' edit 's/ absent$/ 0123456789abcdef.1/'
  spoiled 'a guard' edit 's/^shows -/shows confirm/'
  spoiled 'a header line too few' edit '/^says/d'
  spoiled 'no line of what is removed' edit '/^unset/d'
  spoiled 'no end' edit '/^end$/d'
  spoiled 'junk after the end' edit '$a junk'
  spoiled 'settings after the end' edit '$a AWS_REGION=evil'
  spoiled 'a second end' edit '$a end'
  spoiled 'a line that is no variable' edit 's/^AWS_REGION=.*/AWS_REGION evil/'
  spoiled 'a variable that is no AWS one' edit 's/^AWS_REGION=.*/PATH=evil/'
  spoiled 'LD_PRELOAD' edit 's/^AWS_REGION=.*/LD_PRELOAD=evil/'
  spoiled 'a lower-case name' edit 's/^AWS_REGION=.*/aws_region=evil/'
  spoiled 'a name that only begins well' edit 's/^AWS_REGION=.*/AWS_A[$(touch x)]=evil/'
  spoiled 'two names' edit 's/^AWS_REGION=.*/AWS_A AWS_REGION=evil/'
  spoiled 'no value' edit 's/^AWS_REGION=.*/AWS_REGION/'
  spoiled 'an empty line' edit 's/^AWS_REGION=.*//'
  spoiled 'unset PATH' edit 's/ AWS_VAULT/ PATH/'
  spoiled 'unset of a name with an end' edit 's/ AWS_VAULT/ AWS_VAULT=/'
  spoiled 'an unset that executes' edit 's/ AWS_VAULT/ AWS_V[$(touch x)]/'
  spoiled 'no lines' truncate -s 0 "$(session_file plain)"
  none_served
  # It is good again: that was what kept it from being served, and nothing else.
  STARTS=$(core_starts)
  switch
  served
  edit 's/^AWS_REGION=.*/AWS_REGION=evil/;/^end$/d'
  switch
  not_served
  has 'AWS_REGION exported eu-west-1'
  switch
  served
  [ "$(assume_roles)" = 1 ]
}

in_each_shell 'a session file that is not ours is not served' foreign_files
foreign_files() {
  linked() { mv "$1" "$BATS_TEST_TMPDIR/moved" && ln -s "$BATS_TEST_TMPDIR/moved" "$1"; }
  a_folder() { rm "$1" && mkdir "$1"; }
  a_pipe() { rm "$1" && mkfifo "$1"; }
  local folder
  primed
  spoil 'a symbolic link' linked "$(session_file plain)"
  spoil 'a pipe' a_pipe "$(session_file plain)"
  spoil 'a folder' a_folder "$(session_file plain)"
  if [ "$(id -u)" = 0 ]; then
    spoil "another user's" chown 12345 "$(session_file plain)"
    for folder in "$CACHE" "$CACHE/shell"; do
      spoil "another user's folder" chown 12345 "$folder"
      chown 0 "$folder"
    done
  fi
  STARTS=$(core_starts)
  switch
  served
  mv "$CACHE/shell" "$BATS_TEST_TMPDIR/shell"
  ln -s "$BATS_TEST_TMPDIR/shell" "$CACHE/shell"
  switch
  not_served
}

in_each_shell 'edited AWS files are seen, however they were edited' edited_files
edited_files() {
  local config=$HOME_FOLDER/.aws/config
  primed
  # A tenth of a microsecond: .NET knows no smaller differences.
  sed -i 's/eu-west-1/eu-west-2/' "$config"
  touch -d '2024-05-06 07:08:09.123456889' "$config"
  switch
  not_served
  has 'AWS_REGION exported eu-west-2'
  switch
  served
  sed -i 's/eu-west-2/eu-west-3/' "$config"
  touch -d '2024-05-06 07:08:09.123456689' "$config"
  switch
  not_served
  has 'AWS_REGION exported eu-west-3'
  switch
  served
  sed 's/eu-west-3/eu-north-1/' "$config" >"$BATS_TEST_TMPDIR/config"
  touch -d '2020-01-01' "$BATS_TEST_TMPDIR/config"
  mv "$BATS_TEST_TMPDIR/config" "$config"
  switch
  not_served
  has 'AWS_REGION exported eu-north-1'
  touch -d '2024-05-06' "$HOME_FOLDER/.aws/credentials"
  switch
  not_served
  switch
  served
}

in_each_shell 'a link to another file is seen' linked_files
linked_files() {
  local config=$HOME_FOLDER/.aws/config age
  # In whole seconds, as in a store of packages, two files may bear one time: then a link is never served.
  for age in '2024-05-06 07:08:09.12' '2024-05-06 07:08:09'; do
    cp "$BATS_FILE_TMPDIR/aws/config" "$BATS_TEST_TMPDIR/one"
    sed 's/eu-west-1/eu-west-2/' "$BATS_TEST_TMPDIR/one" >"$BATS_TEST_TMPDIR/two"
    touch -d "$age" "$BATS_TEST_TMPDIR/one"
    touch -d "${age/.12/.13}" "$BATS_TEST_TMPDIR/two"
    ln -sf "$BATS_TEST_TMPDIR/one" "$config"
    STARTS=$(core_starts)
    switch
    not_served
    has 'AWS_REGION exported eu-west-1'
    switch
    if [[ $age == *.* ]]; then served; else not_served; fi
    ln -sf "$BATS_TEST_TMPDIR/two" "$config"
    switch
    not_served
    has 'AWS_REGION exported eu-west-2'
  done
}

in_each_shell 'a file that comes or goes is seen' absent_files
absent_files() {
  rm "$HOME_FOLDER/.aws/config"
  printf '[p]\nrole_arn = %s/plain\nsource_profile = user101\n' "$ROLE" >>"$HOME_FOLDER/.aws/credentials"
  settle
  primed p
  printf '[profile p]\noutput = yaml\n' >"$HOME_FOLDER/.aws/config"
  settle
  switch p
  not_served p
  switch p
  served p
  rm "$HOME_FOLDER/.aws/config"
  switch p
  not_served p
}

in_each_shell 'a session is not served to a shell that points elsewhere' elsewhere
elsewhere() {
  local usual=("${environment[@]}")
  primed
  environment=("${usual[@]}" "AWS_ENDPOINT_URL_STS=${STS/127.0.0.1/localhost}")
  switch
  not_served
  environment=("${usual[@]}")
  switch
  not_served
  [ "$(assume_roles)" = 2 ]
  # Its own variable outranks the general one.
  environment=("${usual[@]}" AWS_ENDPOINT_URL=http://127.0.0.1:1)
  switch
  served
  environment=("${usual[@]}" "AWS_CONFIG_FILE=$HOME_FOLDER/.aws/config")
  switch
  served
  environment=("${usual[@]}" "AWS_CONFIG_FILE=$HOME_FOLDER/../home/.aws/config")
  switch
  not_served
  switch
  served
  environment=("${usual[@]}")
  switch
  not_served
  cp -p "$HOME_FOLDER/.aws/credentials" "$BATS_TEST_TMPDIR/other"
  environment=("${usual[@]}" "AWS_SHARED_CREDENTIALS_FILE=$BATS_TEST_TMPDIR/other")
  switch
  not_served
  environment=("${usual[@]}" AWS_CONFIG_FILE=../home/.aws/config)
  switch
  not_served
  switch
  not_served
  environment=("${usual[@]}" "XDG_CACHE_HOME=$HOME_FOLDER/.cache")
  switch
  not_served
  switch
  served
  cp -Rp "$HOME_FOLDER" "$BATS_TEST_TMPDIR/home2"
  environment=("${usual[@]}" "XDG_CACHE_HOME=$HOME_FOLDER/.cache" "HOME=$BATS_TEST_TMPDIR/home2")
  switch
  not_served
}

in_each_shell 'names that differ in case only are two' upper_and_lower
upper_and_lower() {
  profile DEV plain
  profile dev external 'external_id = partner-7/east'
  primed DEV
  has "AWSROLE_ROLE_ARN exported $ROLE/plain"
  cp -p "$(session_file DEV)" "$(session_file dev)"
  switch dev
  not_served dev
  has "AWSROLE_ROLE_ARN exported $ROLE/external"
  switch DEV
  served DEV
  has "AWSROLE_ROLE_ARN exported $ROLE/plain"
  # Also where the shell's own comparisons do not tell them apart.
  run_shell <<END
$(code_load)
$(code_ignore_case)
$(code_awsrole dev)
$(code_show AWSROLE_ROLE_ARN)
END
  has "AWSROLE_ROLE_ARN exported $ROLE/external"
}

in_each_shell 'a long name is served from its file, as long as a file can have it' long_names
long_names() {
  local long longest
  printf -v long '%0101d' 1
  printf -v longest '%0220d' 2
  longest+='/:é' # two of them in three bytes each, in the name of a file
  for name in "$long" "$longest" "$longest/"; do
    profile "$name" plain
    switch "$name"
  done
  local before
  before=$(core_starts)
  for name in "$long" "$longest"; do
    switch "$name"
    has "AWSROLE_PROFILE exported $name"
  done
  [ "$(core_starts)" = "$before" ]
  switch "$longest/"
  has "AWSROLE_PROFILE exported $longest/"
  [ "$(core_starts)" = $((before + 1)) ]
}

in_each_shell 'a switch with flags is not what the plain name serves' flags
flags() {
  local first
  primed
  first=$(sed -n 's/^AWS_ACCESS_KEY_ID=//p' "$(session_file plain)")
  run_shell <<END
$(code_load)
$(code_awsrole --refresh plain)
$(code_status refresh)
$(code_show AWS_ACCESS_KEY_ID)
$(code_awsrole -)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE)
END
  has 'refresh status 0' 'AWSROLE_PROFILE exported plain'
  has_no "$first"
}

in_each_shell 'keys of a user are never kept' plain_keys
plain_keys() {
  run_shell <<END
$(code_load)
$(code_awsrole user101)
$(code_status first)
$(code_show AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN AWSROLE_ROLE_ARN)
$(code_awsrole plain)
$(code_awsrole user101)
$(code_show AWS_CREDENTIAL_EXPIRATION AWSROLE_PROFILE)
END
  has 'first status 0' 'AWS_ACCESS_KEY_ID exported AKIAUSER10100EXAMPLE' 'AWS_SESSION_TOKEN unset' \
    'AWSROLE_ROLE_ARN unset' 'AWS_CREDENTIAL_EXPIRATION unset' 'AWSROLE_PROFILE exported user101'
  [ "$(core_starts)" = 3 ]
  grep -R notARealSecret "$CACHE" && return 1
  return 0
}

# ---- other people's shells

in_each_setting 'a switch, a cached switch, dash and off work and leave it alone' with_setting
with_setting() {
  local body loaded_first
  body=$(
    cat <<END
$(code_dump before)
$(code_awsrole plain)
$(code_status plain)
$(code_show AWSROLE_PROFILE AWS_DEFAULT_REGION)
$(code_dump held)
$(code_awsrole external)
$(code_status external)
$(code_awsrole -)
$(code_status back)
$(code_awsrole -)
$(code_show AWSROLE_ROLE_ARN)
$(code_awsrole off)
$(code_status off)
$(code_dump after)
END
  )
  # The first time what is loaded is read under the setting, and the sessions come from the core; then from the files.
  for loaded_first in '' yes; do
    run_shell <<END
$(code_set AWS_DEFAULT_REGION mine)
$(code_export AWS_REGION sa-east-1)
$(code_set AWS_VAULT '')
$(code_dump bare)
${loaded_first:+$(code_load)}
$setting
$([ -n "$loaded_first" ] || code_load)
$body
END
    [ "$status" -eq 0 ]
    has 'plain status 0' 'AWSROLE_PROFILE exported plain' 'AWS_DEFAULT_REGION exported eu-west-1' 'external status 0' \
      'back status 0' "AWSROLE_ROLE_ARN exported $ROLE/external" 'off status 0'
    same_dumps before after
    only_documented bare held
  done
  [ "$(assume_roles)" = 2 ]
}

in_each_shell 'a trace shows no secret' traced
traced() {
  local secret token
  run_shell <<END
$(code_load)
$(code_trace)
$(code_awsrole plain)
$(code_dump held)
$(code_awsrole external)
$(code_awsrole plain)
$(code_awsrole nobody)
$(code_awsrole off)
$(code_awsrole -)
$(code_set still_traced yes)
END
  secret=$(variable held AWS_SECRET_ACCESS_KEY)
  token=$(variable held AWS_SESSION_TOKEN)
  [ "${#secret}" -eq 40 ]
  [ "${#token}" -gt 300 ]
  has_no "$secret" "${secret:1:30}" "$token" "${token:0:40}" "$(sed -n 's/^AWS_SECRET_ACCESS_KEY=//p' "$(session_file external)")"
  has_part still_traced
}

in_each_shell 'traps run when they should, and statuses come through' trapped
trapped() {
  run_shell <<END
$(code_load)
$(code_traps)
$(code_awsrole plain)
$(code_status plain)
$(code_awsrole external)
$(code_awsrole plain)
$(code_awsrole off)
echo now fails
$(code_awsrole nobody)
$(code_status nobody)
END
  has 'plain status 0' 'nobody status 3' 'trap EXIT'
  [ "$(grep -c 'trap EXIT' <<<"$output")" = 1 ]
  [ "$(grep -c 'trap ERR' <<<"$output")" = "$error_traps" ]
  [[ ${output%%now fails*} != *'trap ERR'* ]]
}

in_each_shell 'loading it twice loses nothing' loaded_twice
loaded_twice() {
  run_shell <<END
$(code_export AWS_REGION sa-east-1)
$(code_load)
$(code_load)
$(code_dump before)
$(code_awsrole plain)
$(code_load)
$(code_awsrole external)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE)
$(code_awsrole off)
$(code_dump after)
END
  has 'AWSROLE_PROFILE exported plain'
  same_dumps before after
}

in_each_shell 'without a home there is a reason, with files of its own it works' no_home
no_home() {
  run_shell <<END
$(code_unset HOME)
$(code_load)
$(code_awsrole plain)
$(code_status lost)
$(code_show AWSROLE_PROFILE)
$(code_export AWS_CONFIG_FILE "$HOME_FOLDER/.aws/config")
$(code_export AWS_SHARED_CREDENTIALS_FILE "$HOME_FOLDER/.aws/credentials")
$(code_awsrole plain)
$(code_status found)
$(code_awsrole plain)
$(code_show AWSROLE_ROLE_ARN)
END
  has 'lost status 3' 'AWSROLE_PROFILE unset' 'found status 0' "AWSROLE_ROLE_ARN exported $ROLE/plain"
  has_part 'there is no home folder'
}

in_each_shell 'where nothing can be kept, a switch works' nothing_kept
nothing_kept() {
  # For root, too, no folder.
  mkdir "$HOME_FOLDER/.cache"
  : >"$HOME_FOLDER/.cache/awsrole"
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_status first)
$(code_awsrole external)
$(code_awsrole -)
$(code_show AWSROLE_PROFILE)
END
  has 'first status 0' 'AWSROLE_PROFILE exported plain'
  has_part 'sessions are not kept'
}

# ---- children and scripts

in_each_shell 'a child of a switched shell leaves the role, or takes another' child
child() {
  {
    code_prelude
    cat <<END
$(code_load)
$(code_show AWSROLE_PROFILE)
$(code_awsrole external)
$(code_status switch)
$(code_show AWSUME_PROFILE AWS_DEFAULT_OUTPUT)
$(code_awsrole -)
$(code_show AWSROLE_ROLE_ARN)
$(code_awsrole off)
$(code_status off)
$(code_dump off)
$(code_show AWS_ACCESS_KEY_ID AWS_SESSION_TOKEN AWS_DEFAULT_REGION AWSROLE_NAMES AWS_X)
END
  } >"$BATS_TEST_TMPDIR/child"
  profile p plain 'output = text'
  run_shell <<END
$(code_export AWS_X mine)
$(code_load)
$(code_awsrole p)
$(code_child "$BATS_TEST_TMPDIR/child")
echo the parent
$(code_show AWS_DEFAULT_OUTPUT)
END
  has 'AWSROLE_PROFILE exported p' 'switch status 0' 'AWSUME_PROFILE exported external' 'AWS_DEFAULT_OUTPUT unset' \
    "AWSROLE_ROLE_ARN exported $ROLE/plain" 'off status 0' 'AWS_ACCESS_KEY_ID unset' 'AWS_SESSION_TOKEN unset' \
    'AWS_DEFAULT_REGION unset' 'AWSROLE_NAMES unset' 'AWS_X exported mine'
  has_part 'left p: removed AWS_' 'only the shell that switched can put back what they were'
  [[ ${output#*the parent} == *'AWS_DEFAULT_OUTPUT exported text' ]]
  grep -E "^($DOCUMENTED)=" "$DUMPS/off.env" && return 1
  [ "$(asked 'requests.map((request) => request.accessKeyId).join()')" = AKIAUSER10100EXAMPLE,AKIAUSER10100EXAMPLE ]
}

in_each_shell 'exec in a switched shell uses the keys of the user, and changes nothing' exec_inside
exec_inside() {
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_dump before)
$(code_awsrole exec external -- sh -c 'echo "in $AWSROLE_PROFILE"; exit 7')
$(code_status exec)
$(code_dump after)
END
  has 'in external' 'exec status 7'
  same_dumps before after
  [ "$(asked 'requests.map((request) => request.accessKeyId).join()')" = AKIAUSER10100EXAMPLE,AKIAUSER10100EXAMPLE ]
}

in_each_shell 'the bare word and whoami speak of what the shell holds' bare_word
bare_word() {
  run_shell <<END
$(code_load)
awsrole
$(code_awsrole plain)
awsrole
$(code_status bare)
$(code_awsrole whoami)
$(code_status whoami)
$(code_awsrole list)
$(code_status list)
END
  has 'bare status 0' 'whoami status 0' 'list status 0'
  has_part 'no role is held in this shell' "plain: $ROLE/plain, eu-west-1" ':assumed-role/plain/'
}

awsrole() { env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" "$@"; }

@test "scripts: exec gives the command's status, and ends by its signal" {
  run awsrole exec plain -- sh -c 'echo "$AWSROLE_PROFILE"; exit 42'
  [ "$status $output" = '42 plain' ]
  run -127 awsrole exec plain -- no-such-command
  run awsrole exec plain -- sh -c 'kill -TERM $$'
  [ "$status" -eq 143 ]
  run awsrole exec nobody -- touch x
  [ "$status" -eq 3 ]
}

@test "scripts: exec passes on a signal that is sent to it alone" {
  mkfifo "$BATS_TEST_TMPDIR/ready"
  env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" exec plain -- \
    sh -c "trap 'exit 9' TERM; echo >'$BATS_TEST_TMPDIR/ready'; while :; do sleep 0.1; done" 3>&- 7>&- &
  local pid=$!
  read -r _ <"$BATS_TEST_TMPDIR/ready"
  kill -TERM "$pid"
  wait "$pid" || status=$?
  [ "$status" -eq 9 ]
}

@test "a shell that is not wired is told how" {
  run awsrole role101
  [ "$status" -eq 2 ]
  [[ $output == *'awsrole is not loaded in this shell'*'eval "$(awsrole init bash)"'*'awsrole exec role101 -- COMMAND'* ]]
  run awsrole off
  [ "$status" -eq 2 ]
  # Each is told its own line.
  local other
  for other in ksh:posix mksh:posix dash:posix nu:nushell xonsh:xonsh elvish:elvish; do
    environment+=("SHELL=/usr/bin/${other%:*}")
    run awsrole role101
    [ "$status" -eq 2 ]
    has_part "awsrole init ${other#*:}" 'awsrole exec role101 -- COMMAND'
    has_no bashrc
  done
  # Those that it cannot be put into are told what helps them.
  environment+=(SHELL=/usr/bin/tcsh)
  run awsrole role101
  [ "$status" -eq 2 ]
  has_part 'tcsh cannot be switched' 'awsrole exec role101 -- /usr/bin/tcsh'
  has_no bashrc init
  run awsrole off
  has_part 'awsrole exec PROFILE -- /usr/bin/tcsh'
  environment+=(SHELL=/usr/bin/pwsh)
  run awsrole -
  [ "$status" -eq 2 ]
  has_part 'the file that $PROFILE names'
}

@test "a shell of another kind is told its own line, whatever SHELL says" {
  local other
  environment+=(SHELL=/bin/bash)
  for other in dash mksh; do
    need "$other"
    run env -C "$WORK" -i "${environment[@]}" "$other" -c '"$1" role101; exit $?' - "$PREFIX/bin/awsrole"
    [ "$status" -eq 2 ]
    has_part 'eval "$(awsrole init posix)"'
    has_no bashrc
  done
}

bash_subshell() {
  use_shell bash
  run_shell <<END
$(code_load)
awsrole plain
(awsrole external)
awsrole external | cat
$(code_show AWSROLE_PROFILE)
(awsrole off)
$(code_show AWSUME_PROFILE)
END
  has 'AWSROLE_PROFILE exported plain' 'AWSUME_PROFILE exported plain' \
    'left plain: only in this subshell, the shell itself is as before'
  [ "$(grep -c 'left; only this subshell is switched, the shell itself is as before$' <<<"$output")" = 2 ]
}
bats_test_function --description 'bash: in a subshell the sentence says that the shell is as before' -- bash_subshell

in_each_shell 'list marks what the shell holds, and sees the kept sessions as before the switch' list_marks
list_marks() {
  profile elsewhere plain 'endpoint_url = http://127.0.0.1:9'
  run_shell <<END
$(code_load)
$(code_export AWS_ENDPOINT_URL "$STS")
$(code_unset AWS_ENDPOINT_URL_STS)
$(code_awsrole list elsewhere)
$(code_awsrole plain)
$(code_awsrole elsewhere)
$(code_awsrole list plain)
$(code_awsrole list elsewhere)
$(code_show AWSROLE_PROFILE AWSROLE_HELD)
$(code_awsrole off)
$(code_awsrole list elsewhere)
END
  has 'AWSROLE_PROFILE exported elsewhere' 'AWSROLE_HELD unset'
  [ "$(grep -c '^elsewhere \* .* 1 h$' <<<"$output")" = 2 ]
  [ "$(grep -c '^elsewhere  ' <<<"$output")" = 2 ]
  [ "$(grep -c '^plain  .* 1 h$' <<<"$output")" = 1 ]
}

in_each_shell 'a profile whose name ends like a command is no command' names_with_commands
names_with_commands() {
  profile team:status plain
  profile 'team list' plain
  run_shell <<END
$(code_load)
$(code_awsrole team:status)
$(code_show AWSROLE_PROFILE)
$(code_awsrole 'team list')
$(code_show AWSUME_PROFILE)
END
  has 'AWSROLE_PROFILE exported team:status' 'AWSUME_PROFILE exported team list'
}

bash_tracing_traps() {
  use_shell bash
  run_shell <<END
$(code_load)
set -ET
trap 'echo debug' DEBUG
trap 'echo returned' RETURN
awsrole plain
$(code_status plain)
__awsrole_prompt
awsrole off
trap - DEBUG RETURN
set -k
awsrole external
$(code_status external)
__awsrole_prompt
echo "segment \$__awsrole_segment"
awsrole off
echo "leaked \${minutes-}\${text-}\${left-}\${now-}"
END
  has 'plain status 0' 'external status 0' 'leaked '
  has_part 'segment ' '(external 60m)'
  has_no 'answer was incomplete' 'numeric argument' 'syntax error'
}
bats_test_function --description 'bash: traps that print with set -T, and set -k' -- bash_tracing_traps

bash_older_readonly() {
  use_shell bash
  run_shell <<END
$(code_load)
__awsrole_modern=
$(code_awsrole plain)
$(code_readonly AWS_REGION eu-west-1)
$(code_awsrole off)
$(code_status off)
$(code_awsrole external)
$(code_status external)
$(code_show AWSROLE_PROFILE)
END
  has 'off status 1' 'external status 1' 'AWSROLE_PROFILE exported plain'
  has_no 'cannot unset'
}
bats_test_function --description 'bash below 4.4: a readonly variable leaves all as it is' -- bash_older_readonly

bash_control_characters() {
  use_shell bash
  run_shell <<END
$(code_load)
awsrole plain
sed -i 's/^AWS_REGION=.*/AWS_REGION=a\x1b[31m/' '$(session_file plain)'
awsrole plain
$(code_show AWS_REGION)
AWSROLE_PROFILE=\$'p\e]0;x\a\302\233q' AWS_REGION=\$'r\e[5m' AWSROLE_PROMPT_FORMAT=\$'%p %r\e[7m ' NO_COLOR=1
__awsrole_prompt
echo "segment \${__awsrole_segment@Q}"
awsrole off
END
  has 'AWS_REGION exported eu-west-1' "segment 'p?]0;x??q r?[5m?[7m '" 'left p?]0;x??q: the shell is as it was before'
}
bats_test_function --description 'bash: no control character reaches the terminal' -- bash_control_characters

# ---- names and variables that mean harm

in_each_shell 'a readonly variable: no switch, no half of one' readonly_variable
readonly_variable() {
  [ -n "$readonly_text" ] || return 0
  run_shell <<END
$(code_load)
$(code_readonly AWS_REGION fixed)
$(code_dump before)
$(code_awsrole plain)
$(code_status readonly)
$(code_awsrole plain)
$(code_status cached)
$(code_dump after)
END
  has 'readonly status 1' 'cached status 1'
  has_part "AWS_REGION $readonly_text"
  same_dumps before after
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_readonly AWS_DEFAULT_REGION fixed)
$(code_dump before)
$(code_awsrole off)
$(code_status off)
$(code_awsrole external)
$(code_status external)
$(code_dump after)
END
  has 'off status 1' 'external status 1'
  same_dumps before after
}

in_each_shell 'hostile profile names are names' hostile_names
hostile_names() {
  local name number=0 script=
  local hostile=('a b' "it's \"x\"" '$(touch x)`touch x`' '../up' -rf --help list off - 'ünïcode' '* ~ %s a\b $HOME' ';touch x')
  for name in "${hostile[@]}"; do
    profile "$name" plain
    number=$((number + 1))
    script+="$(code_awsrole -- "$name")
$(code_status "$number on")
$(code_show AWSROLE_PROFILE)
$(code_awsrole off)
"
    case $name in
      *touch* | -*)
        script+="$(code_awsrole -)
$(code_show AWSUME_PROFILE)
$(code_awsrole off)
"
        ;;
    esac
  done
  run_shell <<END
$(code_load)
$(code_dump before)
$script
$(code_dump after)
END
  number=0
  for name in "${hostile[@]}"; do
    number=$((number + 1))
    has "$number on status 0" "AWSROLE_PROFILE exported $name"
    case $name in *touch* | -*) has "AWSUME_PROFILE exported $name" ;; esac
  done
  same_dumps before after
  [ "$(assume_roles)" = 1 ]
}

in_each_shell 'a name that no file can hold is refused in print that is safe' impossible_names
impossible_names() {
  run_shell <<END
$(code_load)
$(code_dump before)
$(code_awsrole "one
two")
$(code_status newline)
$(code_awsrole $'\e]0;evil\a')
$(code_status escape)
$(code_awsrole -- '')
$(code_status empty)
$(code_dump after)
END
  has 'newline status 3' 'escape status 3'
  grep -Eq '^empty status [23]$' <<<"$output"
  has_no $'\e' $'\a'
  same_dumps before after
}

# ---- variables that are no text

# shellcheck disable=SC2034 # lib/shells.bash reads it
SHELLS=(bash zsh)

in_each_shell 'what was an array or a number is plain text when a role is taken, and no code' arrays_and_numbers
arrays_and_numbers() {
  run_shell <<END
$(code_load)
typeset -i AWS_SECRET_ACCESS_KEY=7 AWS_DEFAULT_REGION=3 AWSROLE_NAMES=1
typeset -a AWS_REGION AWS_PROFILE
AWS_REGION=(one 'two \$(touch x)') AWS_PROFILE=(user101)
typeset -A AWSUME_PROFILE
$(code_awsrole plain)
$(code_status first)
$(code_awsrole external)
$(code_awsrole plain)
typeset -i AWS_DEFAULT_REGION AWS_ACCOUNT_ID
$(code_awsrole plain)
$(code_dump held)
$(code_awsrole off)
$(code_status off)
$(code_show AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION AWS_REGION AWS_PROFILE AWSROLE_NAMES)
END
  has 'first status 0' 'off status 0' 'AWS_SECRET_ACCESS_KEY shell 7' 'AWS_DEFAULT_REGION shell 3' 'AWS_REGION shell one' \
    'AWS_PROFILE shell user101' 'AWSROLE_NAMES unset'
  has_no 'value too great' 'syntax error' 'inconsistent type'
  [ "$(variable held AWS_REGION) $(variable held AWS_DEFAULT_REGION)" = 'eu-west-1 eu-west-1' ]
  [ "$(variable held AWSUME_PROFILE)" = plain ]
  [ "$(variable held AWS_SECRET_ACCESS_KEY | wc -c)" -gt 20 ]
}
