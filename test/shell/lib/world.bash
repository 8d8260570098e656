# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# An installed awsrole, the sandbox STS and a home folder with AWS files, all thrown away afterwards.

ROLE=arn:aws:iam::123456789012:role
DEVICE=arn:aws:iam::123456789012:mfa/user101

# Installs once for the file, from a packed release: a checkout would be built, and its dist/ changed, by the installer.
# Sets PREFIX. Every start of the core is written down in CORE_LOG; with CORE_STATUS it only fails with that.
install_once() {
  local release=$BATS_FILE_TMPDIR/release
  mkdir "$release"
  cp -R "$REPOSITORY/dist" "$REPOSITORY/shell" "$REPOSITORY/install.sh" "$REPOSITORY/package.json" "$REPOSITORY/LICENSE" "$release/"
  export PREFIX="$BATS_FILE_TMPDIR/a prefix's place"
  HOME=$BATS_FILE_TMPDIR "$release/install.sh" --prefix "$PREFIX" --no-rc
  local node=$BATS_FILE_TMPDIR/node
  printf '#!/bin/sh\necho "$2" >>"$CORE_LOG"\n[ -z "${CORE_STATUS-}" ] || exit "$CORE_STATUS"\nexec %q "$@"\n' "$(node -p process.execPath)" >"$node"
  chmod 755 "$node"
  printf '%s\n' "$node" >"$PREFIX/share/awsrole/node-path"
}

# Starts the sandbox for the file; it stops when descriptor 7 is closed, that is also when bats is killed. Sets STS.
start_sandbox() {
  local line
  mkfifo "$BATS_FILE_TMPDIR/sandbox-stdin" "$BATS_FILE_TMPDIR/sandbox-stdout"
  node "$REPOSITORY/dist/sandbox-sts.mjs" --stop-with-stdin --aws-folder "$BATS_FILE_TMPDIR/aws" \
    <"$BATS_FILE_TMPDIR/sandbox-stdin" >"$BATS_FILE_TMPDIR/sandbox-stdout" 3>&- &
  SANDBOX=$!
  exec 7>"$BATS_FILE_TMPDIR/sandbox-stdin"
  read -r -t 60 line <"$BATS_FILE_TMPDIR/sandbox-stdout"
  export STS=${line#*'"url":"'}
  STS=${STS%%'"'*}
}

stop_sandbox() {
  exec 7>&-
  kill "$SANDBOX" 2>/dev/null || :
  wait "$SANDBOX" || :
}

# A home folder with the sample files; sets environment, WORK, DUMPS and CORE_LOG.
make_home() {
  HOME_FOLDER=$BATS_TEST_TMPDIR/home
  WORK=$BATS_TEST_TMPDIR/work
  DUMPS=$BATS_TEST_TMPDIR/dumps
  CORE_LOG=$BATS_TEST_TMPDIR/core-log
  CACHE=$HOME_FOLDER/.cache/awsrole
  mkdir -p "$HOME_FOLDER/.aws" "$WORK" "$DUMPS"
  : >"$CORE_LOG"
  cp "$BATS_FILE_TMPDIR/aws/config" "$BATS_FILE_TMPDIR/aws/credentials" "$HOME_FOLDER/.aws/"
  chmod 600 "$HOME_FOLDER"/.aws/*
  settle
  environment=(
    "HOME=$HOME_FOLDER" "PATH=$PATH" TERM=screen LANG=C.UTF-8 "TMPDIR=$BATS_TEST_TMPDIR"
    "AWS_ENDPOINT_URL_STS=$STS" "DUMPS=$DUMPS" "CORE_LOG=$CORE_LOG"
    POWERSHELL_TELEMETRY_OPTOUT=1 POWERSHELL_UPDATECHECK=Off
  )
  # A PowerShell that came with `dotnet tool install` finds its .NET by it.
  [ -z "${DOTNET_ROOT-}" ] || environment+=("DOTNET_ROOT=$DOTNET_ROOT")
  tracer=()
  control reset -X POST >/dev/null
}

# The AWS files were last changed a while ago: one that is being edited is not remembered.
settle() { touch -d '2024-05-06 07:08:09.123456789' "$HOME_FOLDER"/.aws/*; }

# profile NAME ROLE [SETTING...]: adds a profile of user101, unless a setting names another source_profile.
profile() {
  local name=${1//\\/\\\\} role=$2
  shift 2
  {
    printf '\n[profile "%s"]\nrole_arn = %s/%s\n' "${name//\"/\\\"}" "$ROLE" "$role"
    printf '%s\n' "$@"
    [[ $* == *source_profile* ]] || echo 'source_profile = user101'
  } >>"$HOME_FOLDER/.aws/config"
  settle
}

control() {
  local what=$1
  shift
  curl -sS --fail --max-time 60 "$@" "$STS/_sandbox/$what"
}

# asked EXPRESSION: of the sandbox's state, in JavaScript.
asked() { control state | node -p "const { counts, requests, answers } = JSON.parse(require('fs').readFileSync(0)); $1"; }

assume_roles() { asked 'counts.AssumeRole ?? 0'; }

# How many MFA codes STS was sent.
codes_sent() { asked 'requests.filter(({ tokenCode }) => tokenCode).length'; }

# A code that STS takes now.
mfa_code() { control "code?serial=$DEVICE&next=1" | sed -E 's/.*"code":"([0-9]*)".*/\1/'; }

# A code that STS does not take.
wrong_code() { printf '%06d' $(((10#$(mfa_code) + 1) % 1000000)); }

core_starts() { wc -l <"$CORE_LOG" | tr -d ' '; }

session_file() { echo "$CACHE/shell/s-$1.session"; }
