#!/usr/bin/env bats
# `awsrole exec NAME -- COMMAND`: the launcher becomes the command, whichever POSIX shell runs it.

bats_require_minimum_version 1.5.0

load lib/sandboxed

# in_each_sh DESCRIPTION FUNCTION: a test of that function with the launcher run by each shell.
in_each_sh() {
  local name
  for name in dash 'bash --posix -p' 'busybox sh' mksh; do
    bats_test_function --description "$name: $1" -- in_sh "$name" "$2"
  done
}

in_sh() {
  read -ra sh <<<"$1"
  need "${sh[0]}"
  "$2"
}

launcher() { env -C "$WORK" -i "${environment[@]}" "${tracer[@]}" "${sh[@]}" "$PREFIX/bin/awsrole" "$@"; }

# prime NAME...: keeps their sessions.
prime() {
  local name
  for name; do launcher exec "$name" -- true; done
  : >"$CORE_LOG"
}

served() { [ "$(core_starts)" = 0 ] || { echo 'the core was asked' && return 1; }; }

in_each_sh 'the variables of the role, and nothing of ours' variables
variables() {
  local kept
  environment+=(AWS_PROFILE=user101 AWSROLE_SHELL=x root=/srv node=18 secret=x key=1 home=2 folder=3 text=4)
  launcher exec plain -- env >"$BATS_TEST_TMPDIR/core"
  [ "$(core_starts)" = 1 ]
  launcher exec plain -- env >"$BATS_TEST_TMPDIR/kept"
  [ "$(core_starts)" = 1 ]
  kept=$(cat "$BATS_TEST_TMPDIR/kept")
  diff <(sort "$BATS_TEST_TMPDIR/core") <(sort <<<"$kept")
  grep -q '^AWSROLE_PROFILE=plain$' <<<"$kept"
  grep -q "^AWSROLE_ROLE_ARN=$ROLE/plain\$" <<<"$kept"
  grep -q '^AWS_SESSION_TOKEN=..' <<<"$kept"
  grep -Eq '^AWSROLE_NAMES=AWS_ACCESS_KEY_ID .*[A-Z_]$' <<<"$kept"
  run grep -E '^(AWS_PROFILE|AWSROLE_SHELL|_awsrole|__awsrole)' <<<"$kept"
  [ "$status" -eq 1 ]
  # All that it has names for, exported by the caller.
  local names name
  names=$(grep -oE '\b_awsrole_[a-z_]+' "$REPOSITORY/shell/awsrole" | sort -u)
  for name in $(grep -oE '(^|[ ;])[a-z_]+=' "$REPOSITORY/shell/awsrole" | tr -d ' ;=' | sort -u) ${names//_awsrole_/}; do
    [[ $name == _awsrole_* ]] || environment+=("$name=mine-$name")
  done
  launcher exec plain -- env >"$BATS_TEST_TMPDIR/exported"
  for name in "${environment[@]}"; do
    [[ $name != *=mine-* ]] || grep -Fxq "$name" "$BATS_TEST_TMPDIR/exported" || { echo "lost: $name" && return 1; }
  done
  [ "$(core_starts)" = 1 ]
}

in_each_sh 'a kept session starts no Node and no process' no_process
no_process() {
  need strace
  prime plain
  tracer=(strace -qq -f -o "$BATS_TEST_TMPDIR/trace" -e trace=process)
  launcher exec plain -- /bin/sh -c :
  served
  run grep -E '(fork|clone3?)\(' "$BATS_TEST_TMPDIR/trace"
  [ "$status" -eq 1 ]
  # The shell and the command.
  [ "$(grep -c 'execve(.* = 0' "$BATS_TEST_TMPDIR/trace")" -eq 2 ]
}

# in_both_ways WORD...: runs exec by a kept session and by the core, with the same output.
in_both_ways() {
  prime plain
  kept=$(launcher exec plain -- "$@")
  served
  asked=$(launcher exec --region us-west-2 plain -- "$@")
  [ "$(core_starts)" = 1 ]
  [ "$kept" = "$asked" ] || { diff <(echo "$kept") <(echo "$asked") && return 1; }
}

in_each_sh 'the status is that of the command, and so is the signal that ends it' statuses
statuses() {
  prime plain
  run launcher exec plain -- sh -c 'exit 42'
  [ "$status" -eq 42 ]
  run launcher exec plain -- sh -c 'kill -TERM $$'
  [ "$status" -eq 143 ]
  run launcher exec plain -- no-such-command
  [ "$status" -eq 127 ]
  echo text >"$BATS_TEST_TMPDIR/text"
  run launcher exec plain -- "$BATS_TEST_TMPDIR/text"
  [ "$status" -eq 126 ]
  run launcher exec plain -- "$BATS_TEST_TMPDIR"
  [ "$status" -eq 126 ]
  run launcher exec plain -- /bin/true "$(head -c 200000 /dev/zero | tr '\0' x)"
  [ "$status" -eq 126 ]
  # A script without a first line for the kernel.
  echo 'exit 7' >"$BATS_TEST_TMPDIR/script"
  chmod 755 "$BATS_TEST_TMPDIR/script"
  run launcher exec plain -- "$BATS_TEST_TMPDIR/script"
  [ "$status" -eq 7 ]
  served
  run launcher exec nobody -- touch x
  [ "$status" -eq 3 ]
}

in_each_sh 'the words: the first -- ends those of awsrole' words
words() {
  prime plain
  run --separate-stderr launcher exec role101 aws --version
  [ "$status" -eq 2 ]
  [[ -z $output && $stderr == *'exec needs a profile and, after --, a command'*'awsrole exec role101 -- aws s3 ls'* ]]
  run --separate-stderr launcher exec plain --
  [ "$status" -eq 2 ]
  [[ $stderr == *'exec needs a profile and, after --, a command'* ]]
  run launcher exec yesterday
  [ "$status" -eq 2 ]
  # What was incomplete the core has answered.
  : >"$CORE_LOG"
  run --separate-stderr launcher exec plain -- -x
  [ "$status" -eq 127 ]
  [[ $stderr == *./-x* ]]
  served
  run launcher exec plain -- printf '<%s>' -- --help '' 'a  b' '*' '$HOME' $'new\nline' -x
  [ "$output" = $'<--><--help><><a  b><*><$HOME><new\nline><-x>' ]
  served
  run launcher exec --region us-west-2 plain -- sh -c 'echo "$AWS_REGION" "$@"' - --region x -- y
  [ "$output" = 'us-west-2 --region x -- y' ]
  run --separate-stderr launcher exec -- true
  [ "$status" -eq 2 ]
  [[ $stderr == *'which profile?'* ]]
  run launcher exec plain external -- touch x
  [ "$status" -eq 2 ]
  for how in 'exec --help' 'exec plain -h -- touch x'; do
    # shellcheck disable=SC2086 # several words
    run launcher $how
    [ "$status" -eq 0 ]
    [[ $output == *'awsrole exec'*--mfa-code* ]]
  done
}

in_each_sh 'descriptors, standard input and ignored signals are the command'"'"'s own' own
own() {
  local i
  prime plain
  for i in {3..15}; do echo "file $i" >"$BATS_TEST_TMPDIR/$i"; done
  for i in plain '--region us-west-2 plain'; do
    # shellcheck disable=SC2086 # several words
    run launcher exec $i -- bash -c 'cat; for i in {3..15}; do cat <&$i; done' <<<input \
      3<"$BATS_TEST_TMPDIR/3" 4<"$BATS_TEST_TMPDIR/4" 5<"$BATS_TEST_TMPDIR/5" 6<"$BATS_TEST_TMPDIR/6" \
      7<"$BATS_TEST_TMPDIR/7" 8<"$BATS_TEST_TMPDIR/8" 9<"$BATS_TEST_TMPDIR/9" 10<"$BATS_TEST_TMPDIR/10" \
      11<"$BATS_TEST_TMPDIR/11" 12<"$BATS_TEST_TMPDIR/12" 13<"$BATS_TEST_TMPDIR/13" 14<"$BATS_TEST_TMPDIR/14" \
      15<"$BATS_TEST_TMPDIR/15"
    [ "$output" = "input"$'\n'"$(printf 'file %s\n' {3..15})" ]
  done
  trap '' INT QUIT HUP USR1
  i=$(grep SigIgn /proc/self/status)
  in_both_ways grep SigIgn /proc/self/status
  trap - INT QUIT HUP USR1
  [ "$kept" = "$i" ]
}

in_each_sh 'a signal that is sent to it alone is the command'"'"'s' direct_signals
direct_signals() {
  local signal pid
  prime plain
  mkfifo "$BATS_TEST_TMPDIR/ready"
  for signal in INT QUIT TERM HUP USR1; do
    env --default-signal="$signal" -C "$WORK" -i "${environment[@]}" "${sh[@]}" "$PREFIX/bin/awsrole" exec plain -- \
      sh -c "trap 'exit 9' $signal; echo >'$BATS_TEST_TMPDIR/ready'; while :; do sleep 0.05; done" 3>&- 7>&- &
    pid=$!
    read -r _ <"$BATS_TEST_TMPDIR/ready"
    kill "-$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 9 ] || { echo "$signal: $status" && return 1; }
  done
}

without_input() { launcher "$@" <&-; }

in_each_sh '--mfa-code - takes one line, needed or not' code_line
code_line() {
  run launcher exec --mfa-code - role101 -- cat < <(mfa_code && echo yes)
  [ "$status $output" = '0 yes' ]
  run launcher exec --mfa-code - role101 -- cat < <(printf 'not needed\r\nyes\nmore')
  [ "$status $output" = $'0 yes\nmore' ]
  printf '1\n2\n3\n' >"$BATS_TEST_TMPDIR/file"
  run launcher exec role101 --mfa-code=- -- cat <"$BATS_TEST_TMPDIR/file"
  [ "$status $output" = $'0 2\n3' ]
  run launcher exec --mfa-code - role101 -- cat <<<$'1\n2'
  [ "$status $output" = '0 2' ]
  # No line is no code, and none may be needed.
  run without_input exec --mfa-code - role101 -- echo ran
  [ "$status $output" = '0 ran' ]
  rm -r "$CACHE" "$HOME_FOLDER/.aws/cli"
  for input in /dev/null "$WORK"; do
    run launcher exec --mfa-code - role101 -- touch x <"$input"
    [ "$status" -eq 4 ]
    [[ $output == *'the input ended'* ]]
  done
  run without_input exec --mfa-code - role101 -- touch x
  [ "$status" -eq 4 ]
  [ "$(codes_sent)" = 1 ]
}

in_each_sh '--mfa-code - from a pipe that somebody has made non-blocking' non_blocking
non_blocking() {
  mkfifo "$BATS_TEST_TMPDIR/fifo"
  cat >"$BATS_TEST_TMPDIR/run.cjs" <<'END'
const { openSync, writeSync, constants } = require('node:fs');
const [, , fifo, text, ...words] = process.argv;
const input = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
const child = require('node:child_process').spawn(words[0], words.slice(1), { stdio: [input, 'inherit', 'inherit'] });
setTimeout(() => writeSync(input, text), 600);
child.on('exit', (status) => process.exit(status));
END
  run env -C "$WORK" -i "${environment[@]}" node "$BATS_TEST_TMPDIR/run.cjs" "$BATS_TEST_TMPDIR/fifo" "$(mfa_code)"$'\nyes\n' \
    "${sh[@]}" "$PREFIX/bin/awsrole" exec --mfa-code - role101 -- head -n 1
  [ "$status $output" = '0 yes' ]
}

in_each_sh 'a code is asked for on the terminal, which then is the command'"'"'s' on_a_terminal
on_a_terminal() {
  use_shell bash
  local line
  line="${sh[*]} $(quote "$PREFIX/bin/awsrole") exec role101 -- sh -c 'echo started; read -r line; echo \"\$AWSROLE_PROFILE got \$line\"; exit 7'"
  open_terminal
  submit "$line"
  wait_for '^MFA code for ' 1
  press C-c
  finished
  [ "$status" -eq 130 ]
  submit "$line"
  wait_for '^MFA code for ' 2
  type_line "$(mfa_code)"
  wait_for '^started'
  type_line 'my input'
  wait_for '^role101 got my input'
  finished
  [ "$status" -eq 7 ]
}

in_each_sh 'in a switched shell, and inside itself, it starts from the keys of the user' inside
inside() {
  launcher exec plain -- "${sh[@]}" "$PREFIX/bin/awsrole" exec external -- env >"$BATS_TEST_TMPDIR/env"
  grep -Fxq "AWSROLE_ROLE_ARN=$ROLE/external" "$BATS_TEST_TMPDIR/env"
  [ "$(asked 'requests.map((request) => request.accessKeyId).join()')" = AKIAUSER10100EXAMPLE,AKIAUSER10100EXAMPLE ]
  # What the role around it has set is not in the way of one that does not.
  profile output plain 'output = text'
  run launcher exec output -- "${sh[@]}" "$PREFIX/bin/awsrole" exec external -- sh -c 'echo "<${AWS_DEFAULT_OUTPUT-}>"'
  [ "$output" = '<>' ]
  # Which endpoint there was before the role's own, nobody knows: the core is asked.
  prime plain
  environment+=('AWSROLE_NAMES=AWS_ENDPOINT_URL AWS_PROFILE PATH' AWS_ENDPOINT_URL=http://127.0.0.1:1 AWS_PROFILE=nobody)
  run launcher exec plain -- sh -c 'echo "<${AWS_ENDPOINT_URL-}>"'
  [ "$output $(core_starts)" = '<> 1' ]
}

in_each_sh 'a folder that is gone' gone_folder
gone_folder() {
  local way
  prime plain
  for way in plain '--region us-west-2 plain'; do
    mkdir "$BATS_TEST_TMPDIR/gone"
    # shellcheck disable=SC2086 # several words
    run --separate-stderr bash -c 'cd "$1" && rmdir "$1" && shift && exec "$@"' - "$BATS_TEST_TMPDIR/gone" \
      env -i "${environment[@]}" "${sh[@]}" "$PREFIX/bin/awsrole" exec $way -- readlink /proc/self/cwd
    [ "$status" -eq 0 ]
    [ "$output" = "$BATS_TEST_TMPDIR/gone (deleted)" ]
  done
  mkdir "$BATS_TEST_TMPDIR/gone"
  run bash -c 'cd "$1" && rmdir "$1" && shift && exec "$@"' - "$BATS_TEST_TMPDIR/gone" \
    env -i "${environment[@]}" "${sh[@]}" "$PREFIX/bin/awsrole" list
  [ "$status" -eq 0 ]
  # A folder that is there stays the core's own: files are named from it.
  echo '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}' >"$WORK/policy.json"
  run launcher exec --policy policy.json plain -- true
  rm "$WORK/policy.json"
  [ "$status" -eq 0 ]
}

in_each_sh 'the variables of Node are those of the command' node_variables
node_variables() {
  environment+=(NODE_OPTIONS=--no-such-option NODE_DEBUG=fs NODE_CHANNEL_FD=3)
  run --separate-stderr launcher exec plain -- sh -c 'echo "$NODE_OPTIONS $NODE_DEBUG $NODE_CHANNEL_FD"'
  [ "$output" = '--no-such-option fs 3' ]
  [ -z "$stderr" ]
  [ "$(core_starts)" = 1 ]
}

in_each_sh 'a core that fails, or does not answer with whole lines: nothing is run' failures
failures() {
  CORE=$BATS_TEST_TMPDIR/core
  cp -R "$PREFIX/share/awsrole" "$BATS_TEST_TMPDIR/awsrole"
  mkdir "$BATS_TEST_TMPDIR/share"
  mv "$BATS_TEST_TMPDIR/awsrole" "$BATS_TEST_TMPDIR/share/awsrole"
  # shellcheck disable=SC2016 # it is the stand-in that expands it
  printf '#!/bin/sh\ncat "$ANSWER"\nexit "$STATUS"\n' >"$BATS_TEST_TMPDIR/node"
  chmod 755 "$BATS_TEST_TMPDIR/node"
  echo "$BATS_TEST_TMPDIR/node" >"$BATS_TEST_TMPDIR/share/awsrole/node-path"
  environment+=("ANSWER=$CORE" STATUS=0)
  answer() {
    run --separate-stderr env -C "$WORK" -i "${environment[@]}" "${sh[@]}" "$BATS_TEST_TMPDIR/share/awsrole/shell/awsrole" exec plain -- \
      sh -c 'echo "ran $AWS_A"'
  }
  local good=$'awsrole-session 2 any\nfor -\nstates - - -\ntimes 0 0\nsays it\nshows confirm red\nunset AWS_B\nAWS_A=a b  *\nend'
  echo "$good" >"$CORE"
  answer
  [ "$output" = 'ran a b  *' ]
  # shellcheck disable=SC2016 # nothing in it is expanded
  for change in 's/^unset/unsetx/' 's/^unset.*/unset PATH/' 's/^unset.*/unset AWS_B A/' 's/^AWS_A=.*/PATH=x/' 's/^AWS_A=/AWS_C AWS_A=/' \
    's/^AWS_A=.*/AWS_A/' 's/^AWS_A=.*//' '/^AWS_A/d' '/^end/d' '$a end' '$a AWS_A=b' '/^says/d' 's/^AWS_A=/aws_a=/' 's/^AWS_A=/AWS_A[$(touch x)]=/' \
    's/^awsrole-session 2/awsrole-session 3/'; do
    sed "$change" <<<"$good" >"$CORE"
    answer
    [ "$status" -eq 1 ] || { echo "$change: $status" && return 1; }
    [ -z "$output" ]
    [[ $stderr == *'answer was incomplete, so nothing was run'* ]]
  done
  echo 'some text' >"$CORE"
  answer
  [ "$status $output" = '0 some text' ]
  environment+=(STATUS=5)
  echo "$good" >"$CORE"
  answer
  [ "$status" -eq 5 ]
  [[ $output != *ran* ]]
}

# spoil WHAT COMMAND...: after the command the file is not served. The core, asked instead, here says no.
spoil() {
  echo "# $1"
  shift
  cp -p "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled"
  "$@"
  environment+=(CORE_STATUS=77)
  run launcher exec plain -- touch x
  [ "$status" -eq 77 ]
  unset 'environment[-1]'
  rm -rf "$(session_file plain)"
  cp -p "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"
}

# edit SCRIPT: the file keeps its time.
edit() {
  local time
  time=$(stat -c %y "$(session_file plain)")
  sed -i -E "$1" "$(session_file plain)"
  touch -d "$time" "$(session_file plain)"
  ! cmp -s "$(session_file plain)" "$BATS_TEST_TMPDIR/unspoiled" || { echo "not edited: $1" && return 1; }
}

in_each_sh 'a session file that is not as the core wrote it is not served' spoiled
spoiled() {
  prime plain
  spoil 'its time is over' touch -d '2 seconds ago' "$(session_file plain)"
  spoil 'another version' edit 's/^awsrole-session 2/awsrole-session 1/'
  spoil 'another profile' edit 's/^awsrole-session 2 plain/awsrole-session 2 external/'
  spoil 'another case' edit 's/^awsrole-session 2 plain/awsrole-session 2 PLAIN/'
  spoil 'another home' edit 's/^for [^|]*/for \/home\/evil/'
  spoil 'another endpoint' edit 's/^(for .*\|)[^|]*/\1http:\/\/evil/'
  spoil 'the key of no shell' edit 's/^for .*/for -/'
  spoil 'a stamp out of the folder' edit 's/^states [^ ]*/states ..\/..\/x/'
  spoil 'no stamp' edit 's/^states [^ ]* /states /'
  spoil 'states that were not recorded' edit 's/^states .*/states - - -/'
  spoil 'config is said to be absent' edit 's/^states [^ ]*/states absent/'
  spoil 'settings are said to be there' edit 's/ absent$/ 0123456789abcdef.1/'
  spoil 'a guard' edit 's/^shows -/shows confirm/'
  spoil 'a header line too few' edit '/^says/d'
  spoil 'no end' edit '/^end$/d'
  spoil 'a second end' edit '$a end'
  spoil 'variables after the end' edit '$a AWS_REGION=evil'
  unended() { printf 'junk' >>"$(session_file plain)" && touch -r "$BATS_TEST_TMPDIR/unspoiled" "$(session_file plain)"; }
  spoil 'junk without an end of line' unended
  spoil 'a variable that is no AWS one' edit 's/^AWS_REGION=.*/LD_PRELOAD=evil/'
  spoil 'two names' edit 's/^AWS_REGION=.*/AWS_A AWS_REGION=evil/'
  spoil 'an empty line' edit 's/^AWS_REGION=.*//'
  spoil 'unset PATH' edit 's/ AWS_VAULT/ PATH/'
  spoil 'no lines' truncate -s 0 "$(session_file plain)"
  symlinked() { mv "$(session_file plain)" "$BATS_TEST_TMPDIR/elsewhere" && ln -s "$BATS_TEST_TMPDIR/elsewhere" "$(session_file plain)"; }
  spoil 'a link' symlinked
  pipe() { rm "$(session_file plain)" && mkfifo "$(session_file plain)"; }
  spoil 'a pipe' pipe
  : >"$CORE_LOG"
  launcher exec plain -- true
  served
  # The stamp of now: nothing else is written to, and where it cannot be made, the time cannot be told.
  echo mine >"$BATS_TEST_TMPDIR/mine"
  ln -sf "$BATS_TEST_TMPDIR/mine" "$CACHE/stamps/now"
  spoil 'a link for the time' :
  [ "$(cat "$BATS_TEST_TMPDIR/mine")" = mine ]
  rm "$CACHE/stamps/now"
  mkfifo "$CACHE/stamps/now"
  spoil 'a pipe for the time' :
  rm "$CACHE/stamps/now"
  environment+=(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true)
  spoil 'no configured endpoints' :
  environment+=(AWS_IGNORE_CONFIGURED_ENDPOINT_URLS= AWS_CONFIG_FILE=relative)
  spoil 'a relative file' :
  environment+=(AWS_CONFIG_FILE=)
  launcher exec plain -- true
  touch "$HOME_FOLDER/.aws/config"
  spoil 'an edited file' :
}

in_each_sh 'names with odd letters are served too' odd_names
odd_names() {
  local name names=('a/../b' 'c:d%2F' 'sp ace' 'DEV' "it's" 'x*?"<>|\y' '$(touch x)')
  names+=("$(printf 'l%.0s' {1..228})" "$(printf '本%.0s' {1..76})")
  # Two bytes more than a file's name has room for.
  local longest
  longest=$(printf "/%.0s" {1..75})12345
  for name in "${names[@]}" "$longest"; do profile "$name" plain; done
  for name in "${names[@]}"; do
    launcher exec "$name" -- true
    : >"$CORE_LOG"
    run launcher exec "$name" -- sh -c 'echo "$AWSROLE_PROFILE"'
    [ "$output" = "$name" ]
    served
  done
  for _ in 1 2; do
    : >"$CORE_LOG"
    run --separate-stderr launcher exec "$longest" -- sh -c 'echo "$AWSROLE_PROFILE"'
    [ "$output" = "$longest" ]
    [ -z "$stderr" ]
    [ "$(core_starts)" = 1 ]
  done
}

in_each_sh 'under set -u and what an exported SHELLOPTS holds' options
options() {
  prime plain
  environment+=('SHELLOPTS=nounset:noclobber:xtrace:allexport:errexit' IFS=P 'CDPATH=/')
  run launcher exec plain -- sh -c 'echo "$AWSROLE_PROFILE"'
  [ "$output" = plain ]
  served
}

git_bash() {
  environment+=(MSYSTEM=MINGW64 MSYS2_ENV_CONV_EXCL=MINE)
  prime plain
  run launcher exec plain -- sh -c 'echo "$MSYS2_ENV_CONV_EXCL"'
  [[ $output == 'MINE;AWS_ACCESS_KEY_ID;AWS_SECRET_ACCESS_KEY;AWS_SESSION_TOKEN'* ]]
  served
}
# Its sh is bash.
bats_test_function --description 'bash --posix -p: in Git Bash no secret is taken for a path' -- in_sh 'bash --posix -p' git_bash

@test "installed, it is run by bash, which keeps odd names and exported functions" {
  [ -x /bin/bash ] || skip 'no /bin/bash'
  [ "$(head -n 1 "$PREFIX/bin/awsrole")" = '#!/bin/bash -p' ]
  echo 'echo started >&2; touch x' >"$BATS_TEST_TMPDIR/start"
  # shellcheck disable=SC2016 # the command expands it
  environment+=('a.b=1' 'ProgramFiles(x86)=2' 'BASH_FUNC_f%%=() { echo "f of $1"; }' 'BASH_FUNC_fail%%=() { touch x; }' "BASH_ENV=$BATS_TEST_TMPDIR/start")
  for way in plain plain '--region us-west-2 plain'; do
    # shellcheck disable=SC2086 # several words
    run --separate-stderr env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" exec $way -- env
    grep -Fxq 'a.b=1' <<<"$output"
    grep -Fxq 'ProgramFiles(x86)=2' <<<"$output"
    grep -Fxq "BASH_ENV=$BATS_TEST_TMPDIR/start" <<<"$output"
    [ -z "$stderr" ]
  done
  unset 'environment[-1]'
  run env -C "$WORK" -i "${environment[@]}" "$PREFIX/bin/awsrole" exec plain -- bash -c 'f x'
  [ "$output" = 'f of x' ]
}
