#!/usr/bin/env bats
# `awsrole credential-process PROFILE`, which AWS's tools start for `credential_process`: the kept session, or one that takes no code.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# No terminal, and nothing to read: it must not ask.
awsrole() { setsid -w env -C "$WORK" -i "${environment[@]}" "${tracer[@]}" "$PREFIX/bin/awsrole" "$@" </dev/null; }

# prime PROFILE [WORD...]: a switch as a shell asks for it, which keeps the session.
prime() {
  local key="$HOME_FOLDER|$HOME_FOLDER/.aws/config|$HOME_FOLDER/.aws/credentials|$STS"
  env -C "$WORK" -i "${environment[@]}" "AWSROLE_SHELL=$key" "$PREFIX/bin/awsrole" session-lines "${@:2}" -- "$1" >"$BATS_TEST_TMPDIR/lines"
}

line() { sed -n "s/^$1=//p" "$BATS_TEST_TMPDIR/lines"; }

# The output is the session of the last switch, as JSON and nothing more.
is_session() {
  [ "$status" -eq 0 ]
  [ "$(node -p 'JSON.stringify(Object.entries(JSON.parse(process.argv[1])))' "$output")" = \
    "[[\"Version\",1],[\"AccessKeyId\",\"$(line AWS_ACCESS_KEY_ID)\"],[\"SecretAccessKey\",\"$(line AWS_SECRET_ACCESS_KEY)\"],[\"SessionToken\",\"$(line AWS_SESSION_TOKEN)\"],[\"Expiration\",\"$(line AWS_CREDENTIAL_EXPIRATION)\"]]" ]
}

# served, asked_core: the session comes from the launcher alone, or from the core.
served() {
  : >"$CORE_LOG"
  run awsrole credential-process "$1"
  [ "$(core_starts)" = 0 ] || { echo 'the core was asked' && return 1; }
  is_session
}

asked_core() {
  : >"$CORE_LOG"
  run awsrole credential-process "$1"
  [ "$(core_starts)" = 1 ] || { echo 'the core was not asked' && return 1; }
}

@test "the kept session, without Node and without a terminal" {
  need strace
  prime plain
  served plain
  tracer=(strace -qq -f -e 'trace=process' -o "$BATS_TEST_TMPDIR/trace")
  served plain
  [ "$(grep -c 'execve(.* = 0' "$BATS_TEST_TMPDIR/trace")" = 1 ]
  run grep -E '(fork|clone3?)\(' "$BATS_TEST_TMPDIR/trace"
  [ "$status" -eq 1 ]
}

@test "none kept and a code needed: status 4, what to do, and no question" {
  run --separate-stderr awsrole credential-process role101
  [ "$status" -eq 4 ]
  [ -z "$output" ]
  [[ $stderr == *'no session is kept for profile role101'*'run: awsrole role101'* ]]
  [[ $stderr != *'MFA code'* ]]
  run awsrole credential-process nobody
  [ "$status" -eq 3 ]
  run awsrole credential-process
  [ "$status" -eq 2 ]
  run awsrole credential-process plain more
  [ "$status" -eq 2 ]
  [ "$(asked 'requests.length')" = 0 ]
}

@test "a session that was got with a code, to its end" {
  mfa_code | env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" session-lines --mfa-code - role101 >"$BATS_TEST_TMPDIR/lines"
  asked_core role101
  is_session
  prime role101
  served role101
  # Past its time of renewal the core is asked, which has no code for a new one; this one is still good.
  touch -d '-1 min' "$(session_file role101)"
  asked_core role101
  is_session
}

@test "the AWS CLI and boto3 are the role by it" {
  need aws
  prime plain
  printf '[profile by-process]\ncredential_process = "%s/bin/awsrole" credential-process plain\nregion = eu-west-1\n' "$PREFIX" >>"$HOME_FOLDER/.aws/config"
  settle
  prime plain
  environment+=("PYENV_VERSION=${PYENV_VERSION-}")
  : >"$CORE_LOG"
  run env -C "$WORK" -i "${environment[@]}" aws --profile by-process sts get-caller-identity --query Arn --output text
  [ "$status" -eq 0 ]
  [[ $output == *:assumed-role/plain/* ]]
  run env -C "$WORK" -i "${environment[@]}" python3 -c 'import boto3, sys
print(boto3.Session(profile_name="by-process").client("sts").get_caller_identity()["Arn"])'
  if [[ $output == *'No module named'* && ${CI-} != true ]]; then skip 'boto3 is missing'; fi
  [ "$status" -eq 0 ]
  [[ $output == *:assumed-role/plain/* ]]
  [ "$(core_starts)" = 0 ]
  # A role without MFA needs nobody, so the core gets itself a new session; one with MFA needs a person.
  rm -r "$CACHE" "$HOME_FOLDER/.aws/cli"
  run env -C "$WORK" -i "${environment[@]}" aws --profile by-process sts get-caller-identity --query Arn --output text
  [ "$status" -eq 0 ]
  [[ $output == *:assumed-role/plain/* ]]
  [ "$(core_starts)" = 1 ]
  sed -i 's/credential-process plain/credential-process role101/' "$HOME_FOLDER/.aws/config"
  run env -C "$WORK" -i "${environment[@]}" aws --profile by-process sts get-caller-identity
  [ "$status" -ne 0 ]
  [[ $output == *'no session is kept for profile role101'* ]]
}

@test "a kept session with the account, from the core, for those that insist on one, and only for them" {
  local account='(JSON.parse(process.argv[1]).AccountId)'
  profile insists plain 'region = eu-west-1' 'account_id_endpoint_mode = required'
  prime insists
  asked_core insists
  [ "$(node -p "$account" "$output")" = 123456789012 ]
  [ "$(asked 'requests.length')" = 1 ]
  prime plain
  served plain
  # The one that a program uses may be another profile than the role's.
  printf '[profile by-process]\ncredential_process = awsrole credential-process plain\naccount_id_endpoint_mode = required\n' >>"$HOME_FOLDER/.aws/config"
  settle
  prime plain
  asked_core plain
  [ "$(node -p "$account" "$output")" = 123456789012 ]
}

# spoil WHAT COMMAND...: after the command the launcher does not serve the file. The core, asked instead, here says no.
spoil() {
  echo "# $1"
  shift
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled"
  "$@"
  environment+=(CORE_STATUS=77)
  run awsrole credential-process plain
  [ "$status" -eq 77 ]
  [ -z "$output" ]
  unset 'environment[-1]'
  rm -rf "$(session_file plain)"
  cp -p "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
}

# The time of the file says when it is to be renewed, so an edit leaves it as it is.
edit() {
  sed -i -E "$1" "$(session_file plain)"
  touch -r "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
  ! cmp -s "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled" || { echo "not edited: $1" && return 1; }
}

with() { environment=("${environment[@]}" "$@"); }

@test "a session file that is not as the core wrote it is not served" {
  prime plain
  served plain
  spoil 'over' touch -d '-1 min' "$(session_file plain)"
  spoil 'another version' edit 's/^awsrole-session 2/awsrole-session 1/'
  spoil 'another profile' edit 's/^awsrole-session 2 plain/awsrole-session 2 external/'
  spoil 'another home' edit 's/^for [^|]*/for \/home\/evil/'
  spoil 'another config file' edit 's/^(for [^|]*\|)[^|]*/\1\/evil/'
  spoil 'another credentials file' edit 's/^(for [^|]*\|[^|]*\|)[^|]*/\1\/evil/'
  spoil 'another endpoint' edit 's/^(for .*\|)[^|]*/\1http:\/\/evil/'
  spoil 'the key of no shell' edit 's/^for .*/for -/'
  spoil 'a stamp out of the folder' edit 's/^states [^ ]*/states ..\/..\/x/'
  spoil 'no stamp' edit 's/^states [^ ]* /states /'
  spoil 'credentials are said to be absent' edit 's/^(states [^ ]*) [^ ]*/\1 absent/'
  spoil 'a guard' edit 's/^shows -/shows confirm/'
  spoil 'no end' edit '/^end$/d'
  spoil 'a second end' edit '$a end'
  spoil 'junk after the end' edit '$a junk'
  unended() {
    printf 'junk' >>"$(session_file plain)"
    touch -r "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
  }
  spoil 'junk without an end of line' unended
  spoil 'settings after the end' edit '$a AWS_ACCESS_KEY_ID=evil'
  spoil 'a variable that is no AWS one' edit 's/^AWS_REGION=.*/PATH=evil/'
  spoil 'a line that is no variable' edit 's/^AWS_REGION=.*/AWS_REGION/'
  spoil 'no key id' edit '/^AWS_ACCESS_KEY_ID=/d'
  spoil 'no token' edit '/^AWS_SESSION_TOKEN=/d'
  spoil 'an empty token' edit 's/^(AWS_SESSION_TOKEN=).*/\1/'
  spoil 'another order' edit 's/^AWS_ACCESS_KEY_ID=/AWS_FIRST=x\n&/'
  spoil 'a quote' edit 's/^AWS_SESSION_TOKEN=/&"/'
  spoil 'a backslash' edit 's/^AWS_SESSION_TOKEN=/&\\/'
  spoil 'no lines' truncate -s 0 "$(session_file plain)"
  symlinked() { mv "$(session_file plain)" "$BATS_TEST_TMPDIR/elsewhere" && ln -s "$BATS_TEST_TMPDIR/elsewhere" "$(session_file plain)"; }
  spoil 'a link' symlinked
  pipe() { rm "$(session_file plain)" && mkfifo "$(session_file plain)"; }
  spoil 'a pipe' pipe
  folder() { rm "$(session_file plain)" && mkdir "$(session_file plain)"; }
  spoil 'a folder' folder
  served plain
  mv "$CACHE/shell" "$BATS_TEST_TMPDIR/shell" && ln -s "$BATS_TEST_TMPDIR/shell" "$CACHE/shell"
  spoil 'a folder that is a link' :
  rm "$CACHE/shell" && mv "$BATS_TEST_TMPDIR/shell" "$CACHE/shell"
  served plain
}

@test "changed AWS files, another home, files or endpoint: not served" {
  local kept
  prime plain
  kept=("${environment[@]}")
  spoil 'config touched' touch "$HOME_FOLDER/.aws/config"
  settle
  spoil 'credentials touched' touch -d '2024-05-06 07:08:09.123456788' "$HOME_FOLDER/.aws/credentials"
  settle
  served plain
  hidden() { mv "$HOME_FOLDER/.aws/config" "$HOME_FOLDER/.aws/hidden"; }
  spoil 'config gone' hidden
  # A link is followed, to the file as it was or to another one.
  ln -s hidden "$HOME_FOLDER/.aws/config"
  served plain
  cp "$HOME_FOLDER/.aws/hidden" "$HOME_FOLDER/.aws/other"
  ln -sf other "$HOME_FOLDER/.aws/config"
  spoil 'config a link to another file' :
  rm "$HOME_FOLDER/.aws/config"
  mv "$HOME_FOLDER/.aws/hidden" "$HOME_FOLDER/.aws/config"
  served plain
  cp -Rp "$HOME_FOLDER" "$BATS_TEST_TMPDIR/home2"
  local setting
  for setting in "HOME=$BATS_TEST_TMPDIR/home2" HOME= AWS_ENDPOINT_URL_STS=http://127.0.0.1:1 \
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true "AWS_CONFIG_FILE=$BATS_TEST_TMPDIR/home2/.aws/config" AWS_CONFIG_FILE=config \
    "AWS_SHARED_CREDENTIALS_FILE=$BATS_TEST_TMPDIR/home2/.aws/credentials"; do
    environment=("${kept[@]}" "$setting")
    spoil "$setting" :
  done
  environment=("${kept[@]}" AWS_ENDPOINT_URL=http://127.0.0.1:1 XDG_CACHE_HOME=relative)
  served plain
}

@test "odd names too; what no file can be named for, by the core" {
  local name
  for name in Plain 'sp ace' '$(touch x)' "it's" 'a/../b' '50%' 'a.b@c+d=e,f-g' 'x*?<>|:y'; do
    profile "$name" plain
    prime "$name"
    served "$name"
  done
  for name in -dash "$(printf 'x%.0s' {1..229})"; do
    profile "$name" plain
    prime "$name"
    asked_core_named "$name"
    is_session
  done
}

asked_core_named() {
  : >"$CORE_LOG"
  local words=("$1")
  if [[ $1 == -* ]]; then words=(-- "$1"); fi
  run awsrole credential-process "${words[@]}"
  [ "$(core_starts)" = 1 ]
}

@test "in a switched shell it is the same as in any" {
  prime plain
  environment+=("AWSROLE_NAMES=AWS_ACCESS_KEY_ID AWS_ENDPOINT_URL" AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_ACCESS_KEY_ID=ASIAX)
  asked_core plain
  is_session
  environment+=("AWSROLE_NAMES=AWS_ACCESS_KEY_ID")
  served plain
}
