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
