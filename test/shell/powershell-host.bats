#!/usr/bin/env bats
# shellcheck disable=SC2016 # the dollars are PowerShell's
# The stand-in for pwsh must fail and succeed like pwsh, or the PowerShell tests prove nothing.

bats_require_minimum_version 1.5.0

# need PROGRAM: a missing program is a failure where nobody would see that the test was skipped.
need() {
  command -v "$1" >/dev/null && return 0
  [ "${CI-}" != true ] || { echo "$1 is missing" && return 1; }
  skip "$1 is missing"
}

setup_file() {
  need dotnet
  HOST=$("$BATS_TEST_DIRNAME/powershell-host/build.sh" | tail -n 1)
  export HOST
}

setup() {
  cd "$BATS_TEST_TMPDIR" || return
  export XDG_CONFIG_HOME=$BATS_TEST_TMPDIR/config
}

@test 'the exit status is what exit says, or whether the last command succeeded' {
  run "$HOST" -NoProfile -Command 'exit 7'
  [ "$status" -eq 7 ]
  run "$HOST" -NoProfile -Command 'sh -c "exit 3"'
  [ "$status" -eq 1 ]
  run "$HOST" -NoProfile -Command 'sh -c "exit 3"; "$? $LASTEXITCODE"'
  [ "$status" -eq 0 ]
  [ "$output" = 'False 3' ]
  run "$HOST" -NoProfile -Command 'throw "boom"; "not reached"'
  [ "$status" -eq 1 ]
  [ "$output" = 'Exception: boom' ]
}

@test 'errors go to standard error, objects to standard output' {
  "$HOST" -NoProfile -Command '"out"; no-such-command; throw "boom"' >out 2>err || true
  [ "$(cat out)" = out ]
  [[ $(head -n 1 err) = "no-such-command: The term 'no-such-command' is not recognized"* ]]
  [ "$(tail -n 1 err)" = 'Exception: boom' ]
}

@test 'a script gets its arguments as text, and its exit status is that of the host' {
  printf '%s\n' 'param($Name, [switch]$On)' '"$Name/$On/$($args -join "/")"' 'exit 9' >script.ps1
  run "$HOST" -NoProfile -File script.ps1 012 '$x' "it's" 'a,b' -On:\$true
  [ "$status" -eq 9 ]
  [ "$output" = "012/True/\$x/it's/a,b" ]
  printf 'sh -c "exit 3"\n' >script.ps1
  run "$HOST" -NoProfile script.ps1
  [ "$status" -eq 0 ]
  run "$HOST" -NoProfile -File missing.ps1
  [ "$status" -eq 64 ]
}

@test 'native commands get standard input and the pipe, and their text comes back as UTF-8' {
  run "$HOST" -NoProfile -Command 'cat' <<<'from outside'
  [ "$output" = 'from outside' ]
  run "$HOST" -NoProfile -Command '"a", "é→" | cat | ForEach-Object { "<$_>" }'
  [ "$output" = $'<a>\n<é→>' ]
  run "$HOST" -NoProfile -Command '$input | ForEach-Object { "<$_>" }' <<<'a'
  [ "$output" = '<a>' ]
}

@test 'commands come from standard input' {
  run "$HOST" -NoProfile -Command - <<<$'function f {\n"two"\n}\n\nf\nexit 5'
  [ "$status" -eq 5 ]
  [ "$output" = two ]
}

@test 'the profile is loaded, unless -NoProfile' {
  mkdir -p config/powershell
  echo '$Host.UI.WriteLine("profile")' >config/powershell/Microsoft.PowerShell_profile.ps1
  run "$HOST" -Command '$PROFILE'
  [ "$output" = $'profile\n'"$XDG_CONFIG_HOME/powershell/Microsoft.PowerShell_profile.ps1" ]
  run "$HOST" -NoProfile -Command '"x"'
  [ "$output" = x ]
}

@test '--parse reports errors and what Windows PowerShell 5.1 does not know' {
  printf '%s\n' '# é in a comment' '$a = @{ clean = 1 }; "``e $a"; 0x1d' >good.ps1
  run "$HOST" --parse good.ps1
  [ "$status" -eq 0 ]
  [ -z "$output" ]
  printf '%s\n' '$x = $a ? 1 : 2' '$x ??= $a ?? 1' 'f && g' '"`e"' '${a}?.b' '"é"' '(' >bad.ps1
  run "$HOST" --parse good.ps1 bad.ps1
  [ "$status" -eq 1 ]
  for line in 1 2 3 4 5 6 7; do
    [[ $output = *"bad.ps1:$line:"* ]]
  done
}

# tmux: a pseudo-terminal of our own, 80 columns.
start_terminal() {
  need tmux
  SOCKET=$BATS_TEST_TMPDIR/tmux
  tmux -f /dev/null -S "$SOCKET" new-session -d -x 80 -y 24 "'$HOST' -NoProfile; echo \"status \$?\"; sleep 60"
  wait_for 'PS'
}

type_keys() { tmux -S "$SOCKET" send-keys "$@"; }

# wait_for TEXT: until the screen shows a line that begins so; spaces at the end of a line are not seen.
wait_for() {
  local i
  for ((i = 0; i < 100; i++)); do
    tmux -S "$SOCKET" capture-pane -p >screen
    while IFS= read -r line; do
      [[ $line = "$1"* ]] && return
    done <screen
    sleep 0.1
  done
  echo "not on the screen: $1"
  cat screen
  return 1
}

teardown() {
  if [ -n "${SOCKET-}" ]; then
    tmux -S "$SOCKET" kill-server || true
  fi
}

@test 'at a terminal: the prompt sees how the last command ended and does not change it' {
  start_terminal
  type_keys 'function prompt { "[$? $LASTEXITCODE] " }' Enter
  wait_for '[True ]'
  type_keys 'sh -c "exit 3"' Enter
  wait_for '[False 3]'
  type_keys '"then $? $LASTEXITCODE"' Enter
  wait_for 'then False 3'
  type_keys C-d
  wait_for 'status 0'
}

@test 'at a terminal: Ctrl-C reaches the native command and stops the pipeline' {
  start_terminal
  type_keys "sh -c 'trap \"echo caught; exit 4\" INT; echo ready; while :; do sleep 0.1; done'; 'not reached'" Enter
  wait_for 'ready'
  type_keys C-c
  wait_for '^Ccaught'
  type_keys '"then $LASTEXITCODE"' Enter
  wait_for 'then 4'
  run ! grep '^not reached' screen
  type_keys 'half a line' C-c 'exit 6' Enter
  wait_for 'status 6'
}

@test 'at a terminal: Tab completes, lists and goes through the matches' {
  start_terminal
  type_keys 'function f { param($Word) "got $Word" }; function prompt { "> " }' Enter
  wait_for '>'
  type_keys "Register-ArgumentCompleter -CommandName f -ParameterName Word -ScriptBlock { 'one', 'role1', 'role2' -like \"\$(\$args[2])*\" }" Enter
  type_keys 'f o' Tab Enter
  wait_for 'got one'
  type_keys 'f r' Tab
  wait_for 'role1  role2'
  wait_for '> f role'
  type_keys Tab Tab Enter
  wait_for 'got role2'
}
