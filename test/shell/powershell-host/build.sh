#!/bin/sh
# Builds the PowerShell host for the tests and prints the path of the executable.
# usage: build.sh [OUT]
set -eu

project=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
out=${1:-${AWSROLE_PWSH_HOST:-$project/bin/host}}

# build VERB [OPTION...]: into $work/host, what it says into $work/log.
build() {
  rm -rf -- "$work/host" "$work/obj"
  dotnet "$@" "$project/powershell-host.csproj" -c Release -o "$work/host" --nologo -v quiet \
    "-p:BaseIntermediateOutputPath=$work/obj/" >"$work/log" 2>&1
}

# The stamp is as old as the start of the build: what is edited during it counts as newer.
if [ ! -f "$out/.built" ] ||
  [ -n "$(find "$project" -maxdepth 1 \( -name '*.cs' -o -name '*.csproj' -o -name build.sh \) -newer "$out/.built")" ]; then
  mkdir -p -- "$(dirname -- "$out")"
  # Built aside and moved, so that two builds at once do not write into one folder.
  work=$(mktemp -d "$out.XXXXXX")
  trap 'rm -rf -- "$work"' EXIT
  : >"$work/stamp"
  # Compiled ahead of time it starts in 0.3 s instead of 0.7 s. That takes a compiler of the platform, one package
  # more, so where it is not to be had the plain build does as well.
  if ! build publish --use-current-runtime --no-self-contained -p:PublishReadyToRun=true && ! build build; then
    cat -- "$work/log" >&2
    exit 1
  fi
  mv -- "$work/stamp" "$work/host/.built"
  rm -rf -- "$out"
  mv -- "$work/host" "$out"
fi

printf '%s\n' "$out/pwsh-host"
