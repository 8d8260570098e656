#!/bin/sh
# Sets awsrole up from this checkout: builds it, copies it to PREFIX, and has `awsrole setup` do the rest.
# Runs again at any time (it then upgrades); --uninstall takes everything back.
#
# shellcheck disable=SC2250 # braces only where they are needed
# shellcheck disable=SC2310 # a function in a condition checks its own steps and does not rely on -e
# shellcheck disable=SC2312 # a command in a test that fails gives the empty text, which the test is for
set -eu
set +C     # an exported SHELLOPTS may hold noclobber
umask go-w # whatever the caller's is: nobody else writes into what we make
unset CDPATH

usage='Usage: ./install.sh [--prefix DIR] [--no-rc] [--demo]
       ./install.sh --uninstall [--prefix DIR] [--no-rc]

  --prefix DIR   install into DIR/bin and DIR/share/awsrole (default: ~/.local)
  --no-rc        leave the start-up files of the shells alone
  --demo         start the demo afterwards
  --uninstall    remove what an installation has added
  --help         show this'

newline='
'
say() { printf '%s\n' "$1"; }

warn() { printf 'install.sh: %s\n' "$1" >&2; }

# fail WHAT [WHAT_TO_DO]
fail() {
  warn "$1"
  [ $# -lt 2 ] || printf '  %s\n' "$2" >&2
  exit 1
}

misused() {
  warn "$1"
  printf '%s\n' "$usage" >&2
  exit 2
}

# windows_path PATH: sets path, with Git Bash's /c/Users for C:\Users.
windows_path() {
  path=$1
  case $1 in
    [A-Za-z]:[\\/]*) ! command -v cygpath >/dev/null 2>&1 || path=$(cygpath -u "$1") ;;
    *) ;;
  esac
}

read_arguments() {
  prefix='' rc=yes demo='' action=install
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix)
        [ $# -ge 2 ] || misused '--prefix needs a folder.'
        prefix=$2
        [ -n "$prefix" ] || misused '--prefix needs a folder.'
        shift
        ;;
      --prefix=*)
        prefix=${1#--prefix=}
        [ -n "$prefix" ] || misused '--prefix needs a folder.'
        ;;
      --no-rc) rc= ;;
      --demo) demo=yes ;;
      --uninstall) action=uninstall ;;
      -h | --help)
        say "$usage"
        exit 0
        ;;
      *) misused "'$1' is not an option." ;;
    esac
    shift
  done
  [ "$action" = install ] || [ -z "$demo" ] || misused '--demo and --uninstall do not go together.'
}

# Sets prefix (absolute, the same text for the same folder in every run), share, bin and staging.
find_prefix() {
  if [ -z "$prefix" ]; then
    [ -n "${HOME-}" ] || fail 'HOME is not set, so there is no ~/.local to install into.' 'Set HOME, or say where: --prefix DIR'
    prefix=$HOME/.local
  fi
  windows_path "$prefix"
  case $path in
    /*) prefix=$path ;;
    *) prefix=$(pwd)/$path ;;
  esac
  case $prefix in
    # Node.js loads no module from a folder with a backslash in its name.
    *[[:cntrl:]\\]*) fail 'the folder to install into has a backslash or control character in its name.' 'Choose another one with --prefix DIR.' ;;
    *) ;;
  esac
  missing=
  while [ ! -d "$prefix/" ]; do
    [ -z "${prefix##*/}" ] || missing=/${prefix##*/}$missing
    prefix=${prefix%/*}
  done
  prefix=$(cd "$prefix/" && pwd) || fail 'the folder to install into cannot be entered.' 'Choose another one with --prefix DIR.'
  prefix=${prefix%/}$missing
  share=$prefix/share/awsrole
  bin=$prefix/bin
  # What a run makes is put together here and then moved into place with a rename.
  staging=$prefix/share/.awsrole-install
  manual=$prefix/share/man/man1/awsrole.1
}

# Sets here: the folder of this script, which is the checkout or an unpacked release.
find_checkout() {
  case $0 in
    */*) here=${0%/*} ;;
    *) here=. ;;
  esac
  here=$(cd -P "$here/" && printf '%s.' "$PWD") && here=${here%.}
  is_ours "$here" && [ -f "$here/shell/awsrole" ] && return 0
  fail "there is no awsrole beside this script (looked in $here)." 'Clone the repository and run ./install.sh in it.'
}

# Sets node (absolute) and node_version.
find_node() {
  todo='Install Node.js 20.19 or newer (https://nodejs.org, or your package manager) and run this again.'
  command -v node >/dev/null 2>&1 || fail 'Node.js was not found; awsrole needs 20.19 or newer.' "$todo"
  # execPath, because `node` may be the shim of a version manager that needs its own start-up.
  node=$(node -p 'process.versions.node + " " + process.execPath' 2>/dev/null) || node=
  node_version=${node%% *}
  node=${node#* }
  major=${node_version%%.*} minor=${node_version#*.}
  minor=${minor%%.*}
  case $major$minor in
    '' | *[!0-9]*) fail "$(command -v node) does not run as Node.js." "$todo" ;;
    *) ;;
  esac
  if [ "$major" -lt 20 ] || { [ "$major" -eq 20 ] && [ "$minor" -lt 19 ]; }; then
    fail "Node.js $node_version is too old; awsrole needs 20.19 or newer (found $node)." "$todo"
  fi
  windows_path "$node"
  node=$path
}

# run_quietly COMMAND...: what it says is shown only when it fails.
run_quietly() {
  if ! output=$(cd "$here" && "$@" 2>&1 </dev/null); then
    printf '%s\n' "$output" >&2
    return 1
  fi
}

build() {
  [ -d "$here/src" ] || return 0 # a packed release is built already
  command -v npm >/dev/null 2>&1 || fail 'npm was not found; it is needed to build awsrole.' \
    'Install npm (it comes with Node.js from https://nodejs.org) and run this again.'
  installed=$here/node_modules/.package-lock.json
  if [ ! -f "$installed" ] || [ -n "$(find "$here/package-lock.json" -newer "$installed")" ]; then
    say 'Fetching the packages for the build (npm ci) ...'
    # NODE_ENV=production would leave the bundler out.
    run_quietly npm ci --include=dev --no-audit --no-fund --no-update-notifier ||
      fail 'npm ci failed (its output is above); nothing was installed.' 'Check the network and run this again.'
  fi
  say 'Building awsrole ...'
  run_quietly npm run build --no-update-notifier ||
    fail 'npm run build failed (its output is above); nothing was installed.' 'Try again in a fresh clone of the repository.'
}

# make_folder FOLDER: mkdir -p that notes what it made in made_folders, the deepest first.
make_folder() {
  [ -n "$1" ] && [ ! -d "$1" ] || return 0
  make_folder "${1%/*}"
  mkdir "$1" || fail "the folder $1 could not be created." 'Choose another place with --prefix DIR.'
  made_folders=$1$newline$made_folders
}

# remove_folders LIST: those of them that are empty and hold, or held, this installation.
remove_folders() {
  printf '%s' "$1" | while IFS= read -r folder; do
    case $bin/$newline$share/ in
      "$folder"/* | *"$newline$folder"/*) rmdir "$folder" 2>/dev/null || : ;;
      *) ;;
    esac
  done
}

is_ours() { # a tree
  [ -f "$1/package.json" ] && grep -q '"name": *"awsrole"' "$1/package.json"
}

is_our_launcher() { # a file
  [ -f "$1" ] && grep -q '^# awsrole: the program on PATH' "$1"
}

# The stored keys of whoever owns ~/.local lie in the folder of the program: the XDG folder for data has the same name.
holds_only_keys() { # a folder
  [ -d "$1/keys" ] && [ "$(ls -A "$1")" = keys ]
}

# What may not be replaced is found before anything is built.
check_targets() {
  if [ -e "$share" ] && ! is_ours "$share" && ! holds_only_keys "$share"; then
    fail "$share exists and is not awsrole; it was left alone." 'Move it away, or choose another place with --prefix DIR.'
  fi
  if [ -e "$bin/awsrole" ] && ! is_our_launcher "$bin/awsrole"; then
    fail "$bin/awsrole exists and is another program; it was left alone." 'Move it away, or choose another place with --prefix DIR.'
  fi
  for folder in "$prefix/share" "$bin"; do
    while [ ! -e "$folder" ]; do folder=${folder%/*}; done
    folder=${folder:-/}
    if [ ! -d "$folder" ] || [ ! -w "$folder" ]; then
      fail "$folder is not a folder that you can write to." 'Choose another place with --prefix DIR.'
    fi
  done
}

# Takes the staging folder, which is also the lock against a second installer, and mends what a
# killed one has left.
take_staging() {
  if ! mkdir "$staging" 2>/dev/null; then
    other=
    [ ! -r "$staging/pid" ] || read -r other <"$staging/pid" || :
    case $other in
      '' | *[!0-9]*) ;;
      *) ! kill -0 "$other" 2>/dev/null || fail "another installation into $prefix is running (process $other)." "Wait for it to end. If there is none, remove $staging." ;;
    esac
    [ -e "$share" ] || [ ! -e "$staging/old" ] || mv "$staging/old" "$share"
    take_keys_over
    rm -rf "$staging"
    mkdir "$staging" || fail "the folder $staging could not be created." 'Choose another place with --prefix DIR.'
  fi
  staged=yes
  printf '%s\n' $$ >"$staging/pid"
}

# The old tree's keys go into the new one; nothing is removed while they have not.
take_keys_over() {
  [ -e "$staging/old/keys" ] || return 0
  [ ! -e "$share/keys" ] && mv "$staging/old/keys" "$share/keys" && return 0
  fail "your stored keys are in $staging/old/keys." "Move them to $share/keys, and run this again."
}

# At the end of every run: what an unfinished one has made goes.
clean_up() {
  [ -z "$staged" ] || [ -e "$staging/old/keys" ] || rm -rf "$staging"
  remove_folders "$made_folders"
  staged='' made_folders=''
}

# The new tree is put together beside the old one; a run that stops here has changed nothing.
stage_tree() {
  mkdir "$staging/new" &&
    cp -R "$here/dist" "$here/shell" "$here/package.json" "$here/LICENSE" "$staging/new/" &&
    { [ ! -d "$here/man" ] || cp -R "$here/man" "$staging/new/"; } &&
    printf '%s\n' "$node" >"$staging/new/node-path" &&
    {
      printf '%s' "$made_folders"
      [ ! -f "$share/made-folders" ] || cat "$share/made-folders"
    } >"$staging/new/made-folders" &&
    # The checkout's modes are its owner's; what is installed may be for all users of the machine.
    find "$staging/new" -type d -exec chmod 755 {} + &&
    find "$staging/new" -type f -exec chmod 644 {} + &&
    use_bash "$here/shell/awsrole" >"$staging/new/shell/awsrole" &&
    chmod 755 "$staging/new/shell/awsrole" &&
    cp "$staging/new/shell/awsrole" "$staging/awsrole" &&
    chmod 755 "$staging/awsrole"
}

# use_bash FILE: prints the launcher for this machine. Where it is run by dash, `awsrole exec` loses exported functions and
# variables whose names are no shell's. -p: no BASH_ENV, and none of those functions come into the launcher itself.
use_bash() {
  if [ -x /bin/bash ]; then sed '1s|^#!/bin/sh$|#!/bin/bash -p|' "$1"; else cat "$1"; fi
}

swap_tree() {
  trap '' HUP INT TERM # nothing comes between the renames
  if [ -e "$share" ] || [ -L "$share" ]; then
    mv "$share" "$staging/old" || fail "$share could not be moved; the installation is as it was." 'Check its permissions.'
  fi
  if ! mv "$staging/new" "$share"; then
    [ ! -e "$staging/old" ] || mv "$staging/old" "$share"
    fail "$share could not be put into place; the installation is as it was." 'Check its permissions.'
  fi
  take_keys_over
  made_folders=
  # -f: on a terminal, mv asks before it replaces what it cannot write to.
  mv -f "$staging/awsrole" "$bin/awsrole" || fail "$bin/awsrole could not be put into place." 'Fix that and run this again.'
  catch_signals
}

# A trap on EXIT is not run by every shell when a signal ends it.
catch_signals() {
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

install_tree() {
  [ -f "$here/dist/cli.mjs" ] || fail "$here/dist/cli.mjs is missing." 'Clone the repository again and run ./install.sh in it.'
  make_folder "$prefix/share"
  make_folder "$bin"
  take_staging
  stage_tree || fail "$staging could not be written; the installation is as it was." 'Is the disk full?'
  swap_tree
  clean_up
  link_manual
}

# `man` looks beside the folders of PATH. It is not worth a failure.
link_manual() {
  [ -f "$share/man/awsrole.1" ] && [ ! -e "$manual" ] && [ ! -L "$manual" ] || return 0
  if mkdir -p "${manual%/*}" 2>/dev/null; then ln -s ../../awsrole/man/awsrole.1 "$manual" 2>/dev/null || :; fi
}

# setup OPTION...: has the start-up files changed, by the core that is installed.
setup() {
  [ -n "$rc" ] || set -- "$@" --no-rc
  AWSROLE_TYPED_INTO=$PPID "$share/shell/awsrole" setup "$@"
}

install_all() {
  if [ "$(id -u)" = 0 ] && [ "${SUDO_USER:-root}" != root ]; then
    warn "this runs under sudo, so it sets up the home folder ${HOME-}, and what it creates there belongs to root. It never needs root: run it as $SUDO_USER without sudo."
  fi
  find_checkout
  find_node
  check_targets
  build
  install_tree
  trap : INT # Ctrl-C ends the demo, not what has to be said
  status=0
  setup ${demo:+--demo} || status=$?
  # It has said which start-up file it had to leave alone; awsrole is installed all the same.
  [ -n "$demo" ] || [ "$status" -ne 3 ] || status=0
  exit "$status"
}

uninstall_all() {
  found=
  folders=
  if is_ours "$share"; then
    found=yes
    status=1 # an awsrole that has no setup yet
    if [ -f "$share/dist/commands-setup.mjs" ]; then
      status=0
      setup --uninstall --yes || status=$?
    fi
    case $status in
      0 | 3) ;;
      *) warn 'what awsrole has put elsewhere could not all be taken back. The lines in start-up files do nothing without it.' ;;
    esac
    [ ! -f "$share/made-folders" ] || folders=$(cat "$share/made-folders")$newline
    # The stored keys of whoever owns ~/.local are no part of the program.
    find "$share" -mindepth 1 -maxdepth 1 ! -name keys -exec rm -rf {} + || fail "$share could not be removed." 'Check its permissions.'
    rmdir "$share" 2>/dev/null || :
  fi
  if [ -L "$manual" ] && [ ! -e "$manual" ]; then
    rm -f "$manual"
    rmdir "${manual%/*}" "$prefix/share/man" 2>/dev/null || :
  fi
  if [ -f "$bin/awsrole" ] && [ ! -L "$bin/awsrole" ] && is_our_launcher "$bin/awsrole"; then
    rm -f "$bin/awsrole"
    found=yes
  fi
  remove_folders "$folders"
  if [ -z "$found" ]; then
    say "There is no awsrole in $prefix."
    return 0
  fi
  say "awsrole is removed from $prefix. Shells that are open keep it until they end."
  case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
  if [ -d "$here/src" ] && [ -d "$here/node_modules" ]; then
    say "What it was built with and from is still in $here (node_modules, dist)."
  fi
}

main() {
  read_arguments "$@"
  staged='' made_folders=''
  find_prefix
  trap clean_up EXIT
  catch_signals
  "${action}_all"
}

main "$@"
