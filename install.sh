#!/bin/sh
# Builds awsrole in this checkout; its core then puts itself into PREFIX and wires the shells (`awsrole setup`).
# Runs again at any time (it then upgrades); --uninstall takes everything back.
#
# shellcheck disable=SC2250 # braces only where they are needed
set -eu
# An exported SHELLOPTS may hold noclobber; Git Bash is to translate the paths that Node.js gets.
set +C
unset CDPATH MSYS_NO_PATHCONV MSYS2_ARG_CONV_EXCL

usage='Usage: ./install.sh [--prefix DIR] [--no-rc] [--demo]
       ./install.sh --uninstall [--prefix DIR] [--no-rc]

  --prefix DIR   install into DIR/bin and DIR/share/awsrole (default: ~/.local)
  --no-rc        leave the start-up files of the shells alone
  --demo         start the demo afterwards
  --uninstall    remove what an installation has added
  --help         show this'

# fail STATUS WHAT WHAT_TO_DO
fail() {
  printf 'install.sh: %s\n%s\n' "$2" "$3" >&2
  exit "$1"
}

prefix='' rc='' demo='' uninstall=''
while [ $# -gt 0 ]; do
  case $1 in
    --prefix)
      prefix=${2-}
      [ -n "$prefix" ] || fail 2 '--prefix needs a folder.' "$usage"
      shift
      ;;
    --prefix=?*) prefix=${1#*=} ;;
    --no-rc) rc=--no-rc ;;
    --demo) demo=--demo ;;
    --uninstall) uninstall=yes ;;
    -h | --help) printf '%s\n' "$usage" && exit ;;
    *) fail 2 "'$1' is not an option." "$usage" ;;
  esac
  shift
done
[ "$uninstall$demo" != yes--demo ] || fail 2 '--demo and --uninstall do not go together.' "$usage"
[ -n "$prefix${HOME-}" ] || fail 1 'HOME is not set, so there is no ~/.local to install into.' '  Set HOME, or say where: --prefix DIR'
prefix=${prefix:-$HOME/.local}
case $prefix in /* | [A-Za-z]:[\\/]*) ;; *) prefix=$PWD/$prefix ;; esac
installed=$prefix/share/awsrole

# run_quietly COMMAND...: what it says is shown only when it fails.
run_quietly() { output=$(cd "$here" && "$@" 2>&1 </dev/null) || { printf '%s\n' "$output" >&2 && return 1; }; }

build() {
  [ -d "$here/src" ] || return 0 # a packed release is built already
  command -v npm >/dev/null 2>&1 || fail 1 'npm was not found; it is needed to build awsrole.' \
    '  Install npm (it comes with Node.js from https://nodejs.org) and run this again.'
  packages=$here/node_modules/.package-lock.json
  if [ ! -f "$packages" ] || [ -n "$(find "$here/package-lock.json" -newer "$packages")" ]; then
    echo 'Fetching the packages for the build (npm ci) ...'
    # NODE_ENV=production would leave the bundler out.
    run_quietly npm ci --include=dev --no-audit --no-fund --no-update-notifier ||
      fail 1 'npm ci failed (its output is above); nothing was installed.' '  Check the network and run this again.'
  fi
  echo 'Building awsrole ...'
  run_quietly npm run build --no-update-notifier ||
    fail 1 'npm run build failed (its output is above); nothing was installed.' '  Try again in a fresh clone of the repository.'
}

case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
here=$(cd -P "$here/" && printf '%s.' "$PWD") && here=${here%.}
grep -q '"name": *"awsrole"' "$here/package.json" 2>/dev/null ||
  fail 1 "there is no awsrole beside this script (looked in $here)." '  Clone the repository and run ./install.sh in it.'
case $here in *\\*) fail 1 "Node.js loads nothing from $here, as its name has a backslash." '  Move it, and run this again.' ;; *) ;; esac

todo='  Install Node.js 20.19 or newer (https://nodejs.org, or your package manager) and run this again.'
node=$(command -v node || { [ -n "$uninstall" ] && cat "$installed/node-path" 2>/dev/null; }) ||
  fail 1 'Node.js was not found; awsrole needs 20.19 or newer.' "$todo"
version=$("$node" -p process.versions.node 2>/dev/null) || version=
case $version in
  20.19.* | 20.[2-9][0-9].* | 2[1-9].*.* | [3-9][0-9].*.* | [1-9][0-9][0-9].*.*) ;;
  [0-9]*.*.*) fail 1 "Node.js $version is too old; awsrole needs 20.19 or newer (found $node)." "$todo" ;;
  *) fail 1 "$node does not run as Node.js." "$todo" ;;
esac
if [ -z "$uninstall" ] && [ "$(id -u)" = 0 ] && [ "${SUDO_USER:-root}" != root ]; then
  printf '%s\n' "install.sh: this runs under sudo, so it sets up the home folder ${HOME-}, and what it creates there belongs to root. It never needs root: run it as $SUDO_USER without sudo." >&2
fi

# What takes an installation away is the core that was installed, else the one here, else the one that is built now.
core=
for root in ${uninstall:+"$installed" "$here"}; do
  [ -n "$core" ] || [ ! -f "$root/dist/commands-setup-prefix.mjs" ] || ! "$node" "$root/dist/cli.mjs" --version >/dev/null 2>&1 || core=$root
done
if [ -z "$core" ]; then
  if [ -n "$uninstall" ] && [ ! -e "$installed/package.json" ] && [ ! -e "$prefix/bin/awsrole" ] && [ ! -e "$prefix/share/.awsrole-install" ]; then
    printf '%s\n' "There is no awsrole in $prefix." && exit
  fi
  build
  core=$here
fi
set -- --from "$here" --prefix "$prefix" ${rc:+"$rc"} ${demo:+"$demo"} ${uninstall:+--uninstall --yes}
[ -f "$core/dist/cli.mjs" ] || fail 1 "$core/dist/cli.mjs is missing." '  Clone the repository again and run ./install.sh in it.'
export AWSROLE_TYPED_INTO="$PPID"
exec "$node" "$core/dist/cli.mjs" setup "$@"
