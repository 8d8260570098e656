#!/bin/sh
# Sets awsrole up from this checkout: builds it, copies it to PREFIX and wires bash, zsh, fish and PowerShell.
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
begin_marker='# >>> awsrole >>>'
end_marker='# <<< awsrole <<<'
# What has to be known to take a block out again stands in the block itself.
made_note='# awsrole made this file.'
joined_note='# The line above had no newline at its end.'

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

# quote TEXT: sets quoted, TEXT as one word for sh, bash and zsh, and for fish where there is no backslash in it.
quote() {
  rest=$1
  quoted=
  while :; do
    case $rest in
      *"'"*) ;;
      *) break ;;
    esac
    quoted=$quoted${rest%%"'"*}"'\\''"
    rest=${rest#*"'"}
  done
  quoted="'$quoted$rest'"
}

# quote_for_powershell TEXT: sets quoted; PowerShell takes the four typographic quotes (U+2018 to U+201B) for the plain one.
# shellcheck disable=SC1112 # they are meant
quote_for_powershell() {
  quoted="'$(printf '%s' "$1" | LC_ALL=C sed "s/'/&&/g;s/‘/&&/g;s/’/&&/g;s/‚/&&/g;s/‛/&&/g")'"
}

# tilde PATH: sets short, PATH as a person would write it.
tilde() {
  short=$1
  case $1 in
    "${HOME:-/}"/*) short="~${1#"$HOME"}" ;;
    *) ;;
  esac
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

# Sets own_shell, the person's own, and this_shell, the one that this was typed into, as far as that can be told.
find_shells() {
  own_shell=${SHELL:-bash} this_shell=
  own_shell=${own_shell##*/}
  if [ -r "/proc/$PPID/comm" ]; then
    read -r this_shell <"/proc/$PPID/comm" || :
  else
    this_shell=$(ps -o comm= -p "$PPID" 2>/dev/null) || :
  fi
  this_shell=${this_shell##*/} this_shell=${this_shell#-}
  case $this_shell in
    bash | zsh | fish | pwsh | ksh* | mksh | tcsh | csh | nu | elvish | yash) ;;
    *) this_shell=$own_shell ;; # make, npm, sudo, a script
  esac
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
}

# find_block FILE: sets before, block and after, FILE's three parts; without a block, before is all of
# it. Status 1 when the markers are no pair, or FILE is nothing that a shell can hold in a variable.
# LC_ALL=C: bytes, not letters; a start-up file may be in any encoding.
find_block() {
  before='' block='' after=''
  [ -e "$1" ] || return 0
  # A CR at the end of a marker is an editor's.
  pair=$(LC_ALL=C awk -v begin="$begin_marker" -v end="$end_marker" '
    { sub(/[ \t\r]+$/, "") }
    $0 == begin { begins++; first = NR }
    $0 == end { ends++; last = NR }
    END {
      if (begins == 1 && ends == 1 && first < last) print first, last
      else if (begins || ends) print "damaged"
    }' "$1" 2>/dev/null) || return 1
  # The dots keep the newlines at the end.
  case $pair in
    damaged) return 1 ;;
    '') before=$(cat "$1" && printf .) || return 1 ;;
    *)
      before=$(LC_ALL=C sed "${pair% *},\$d" "$1" && printf .) || return 1
      block=$(LC_ALL=C sed -n "${pair% *},${pair#* }p" "$1" && printf .) || return 1
      after=$(LC_ALL=C tail -n "+$((${pair#* } + 1))" "$1" && printf .) || return 1
      ;;
  esac
  before=${before%.} block=${block%.} after=${after%.}
  printf '%s' "$before$block$after" | cmp -s - "$1"
}

# overwrite FILE TEXT: writes into the file and not a new one over it, so that links, owner and mode
# stay. Status 1 when that was not possible; the file is then as it was.
overwrite() {
  [ -w "$1" ] && backup=$(mktemp "${TMPDIR:-/tmp}/awsrole.XXXXXX") && cat "$1" >"$backup" || return 1
  # In a subshell: a redirection that fails ends some shells.
  if ! (printf '%s' "$2" >"$1") 2>/dev/null; then
    (cat "$backup" >"$1") 2>/dev/null || fail "$1 could not be written; what it held is in $backup." 'Put it back.'
    rm -f "$backup"
    return 1
  fi
  rm -f "$backup"
}

# wire FILE LINES [fish|powershell]: keeps one block with LINES, and PATH when it needs to be set, in FILE. Sets wired
# when it is there.
wire() {
  wired=
  tilde "$1"
  if ! find_block "$1"; then
    warn "$short was left alone: it cannot be read, or has a damaged awsrole block. Fix that and run this again, or add:$newline$2"
    return 0
  fi
  text=$begin_marker$newline$2$newline
  quote "$bin"
  # What is on PATH may be there because of this very line.
  case $block in
    *PATH*"$quoted"* | *env:PATH*) need_path=yes ;;
    *) case :$PATH: in *:"$bin":*) need_path= ;; *) need_path=yes ;; esac ;;
  esac
  case $need_path${3-} in
    yes) text="${text}case \":\${PATH-}:\" in *:$quoted:*) ;; *) PATH=\${PATH:+\$PATH:}$quoted; export PATH ;; esac$newline" ;;
    yesfish) text="${text}contains -- $quoted \$PATH; or set -gx PATH \$PATH $quoted$newline" ;;
    yespowershell)
      quote_for_powershell "$bin"
      text="${text}if (\$env:PATH.Split(':') -notcontains $quoted) { \$env:PATH += ':' + $quoted }$newline"
      ;;
    *) ;;
  esac
  joined=
  if [ -z "$block" ]; then
    [ -e "$1" ] || text=$text$made_note$newline
    case $before in
      '' | *"$newline") ;;
      *) joined=$newline text=$text$joined_note$newline ;;
    esac
  else
    case $block in *"$made_note"*) text=$text$made_note$newline ;; *) ;; esac
    case $block in *"$joined_note"*) text=$text$joined_note$newline ;; *) ;; esac
  fi
  text=$text$end_marker$newline
  if [ "$block" = "$text" ]; then
    remember_wired "$1"
    return 0
  fi
  # Where it can be, it is appended, so that not even a full disk costs a line of what is there.
  if [ -z "$block" ] && (printf '%s' "$joined$text" >>"$1") 2>/dev/null; then
    say "Added awsrole to $short"
    remember_wired "$1"
  elif [ -n "$block" ] && overwrite "$1" "$before$text$after"; then
    say "Updated awsrole in $short"
    remember_wired "$1"
  else
    warn "$short cannot be written. Add this to it, or to another start-up file of your shell:$newline$2"
  fi
}

# Where ZDOTDIR or XDG_CONFIG_HOME say something else by then, --uninstall could not know of the file.
remember_wired() {
  wired=yes
  grep -qxF "wired $1" "$share/made-folders" || printf 'wired %s\n' "$1" >>"$share/made-folders"
}

# unwire FILE: takes the block of this installation out, so that the file is as it was before.
unwire() {
  tilde "$1"
  if ! find_block "$1"; then
    warn "$short was left alone: it cannot be read, or has a damaged awsrole block. Remove what is left of the block."
    return 0
  fi
  [ -n "$block" ] || return 0
  case $1 in
    *.ps1) quote_for_powershell "$share/shell/awsrole." ;;
    *) quote "$share/shell/awsrole." ;;
  esac
  case $block in
    *"${quoted%?}"*) ;;
    *)
      say "Left alone: $short, which loads awsrole from elsewhere"
      return 0
      ;;
  esac
  if [ -z "$after" ]; then
    case $block in *"$joined_note"*) before=${before%"$newline"} ;; *) ;; esac
  fi
  case $before$after$block in
    "$begin_marker"*"$made_note"*)
      if [ ! -L "$1" ] && rm -f "$1"; then
        say "Removed $short"
        return 0
      fi
      ;;
    *) ;;
  esac
  if overwrite "$1" "$before$after"; then
    say "Removed awsrole from $short"
  else
    warn "$short cannot be written. Remove the lines from $begin_marker to $end_marker from it."
  fi
}

# is_used SHELL FILE...: true where a shell is the person's: one of its files is there, or it is their own or this one. A
# script in bash says nothing of its caller. Nothing is made for a shell that is only installed.
is_used() {
  name=$1
  shift
  for file; do
    [ ! -e "$file" ] || return 0
  done
  command -v "$name" >/dev/null 2>&1 || return 1
  case $name in
    "$own_shell") return 0 ;;
    bash) ;;
    "$this_shell") return 0 ;;
    *) ;;
  esac
  unused_shells=$unused_shells${unused_shells:+, }$name
  return 1
}

wire_bash() {
  rc_file=$HOME/.bashrc
  is_used bash "$rc_file" "$HOME/.bash_profile" "$HOME/.bash_login" || return 0
  quote "$share/shell/awsrole.bash"
  # The guard is for .profile, which every sh reads.
  load_line="if [ -n \"\${BASH_VERSION-}\" ] && [ -r $quoted ]; then . $quoted; fi"
  wire "$rc_file" "$load_line"
  wired_shells=$wired_shells${wired:+ bash}
  # A login shell reads only the first of these.
  for file in "$HOME/.bash_profile" "$HOME/.bash_login" "$HOME/.profile"; do
    [ -e "$file" ] || continue
    grep -q '^\([^#]*[^A-Za-z0-9_#]\)\{0,1\}\.bashrc' "$file" || wire "$file" "$load_line"
    return 0
  done
  # Where every terminal opens a login shell, .bashrc alone is not read at all.
  case $(uname -s) in
    Darwin* | MINGW* | MSYS* | CYGWIN*) wire "$HOME/.bash_profile" "$load_line" ;;
    *) ;;
  esac
}

wire_zsh() {
  rc_file=${ZDOTDIR:-$HOME}/.zshrc
  [ -f "$share/shell/awsrole.zsh" ] && is_used zsh "$rc_file" || return 0
  quote "$share/shell/awsrole.zsh"
  wire "$rc_file" "if [ -r $quoted ]; then . $quoted; fi"
  wired_shells=$wired_shells${wired:+ zsh}
}

# The folders of a start-up file below ~/.config are made where they are missing, and noted in the file.
folders_note='# awsrole made the folders of this file: '

# make_rc_folder FILE: sets made, the line to put into FILE, or nothing.
make_rc_folder() {
  folder=${1%/*}
  made=$(sed -n "/^$folders_note/p" "$1" 2>/dev/null) || made=
  while [ ! -d "$folder" ]; do # a letter a folder
    made=${made:-$folders_note}x folder=${folder%/*}
  done
  mkdir -p "${1%/*}" 2>/dev/null || : # if it is not there, wire says so
}

# fish reads every file in conf.d; this one is ours alone.
wire_fish() {
  rc_file=${XDG_CONFIG_HOME:-$HOME/.config}/fish/conf.d/awsrole.fish
  [ -f "$share/shell/awsrole.fish" ] && is_used fish "${rc_file%/conf.d/*}" || return 0
  make_rc_folder "$rc_file"
  quote "$share/shell/awsrole.fish"
  wire "$rc_file" "if test -r $quoted; source $quoted; end${made:+$newline$made}" fish
  wired_shells=$wired_shells${wired:+ fish}
}

# $PROFILE of pwsh (about_Profiles, "Current user, current host"). On Windows it is elsewhere: install.ps1 wires it.
wire_powershell() {
  rc_file=${XDG_CONFIG_HOME:-$HOME/.config}/powershell/Microsoft.PowerShell_profile.ps1
  case $(uname -s) in MINGW* | MSYS* | CYGWIN*) return 0 ;; *) ;; esac
  [ -f "$share/shell/awsrole.ps1" ] && is_used pwsh "${rc_file%/*}" || return 0
  make_rc_folder "$rc_file"
  quote_for_powershell "$share/shell/awsrole.ps1"
  wire "$rc_file" "if ([IO.File]::Exists($quoted)) { . $quoted }${made:+$newline$made}" powershell
  wired_shells=$wired_shells${wired:+ pwsh}
}

has_home() {
  [ -z "${HOME-}" ] || return 0
  warn 'HOME is not set, so the start-up files of the shells were left alone.'
  return 1
}

wire_all() {
  wired_shells='' unused_shells=''
  [ -n "$rc" ] && has_home || return 0
  wire_bash
  wire_zsh
  wire_fish
  wire_powershell
  if [ -n "$unused_shells" ]; then
    say "Left alone, as you have no start-up file for it: $unused_shells (\"awsrole init NAME\" says how to add it)"
  fi
}

# Takes every block back, and folders that were made for its file. A later file's folders may hold an earlier's.
unwire_all() {
  [ -n "$rc" ] && has_home || return 0
  config=${XDG_CONFIG_HOME:-$HOME/.config}
  {
    for name in .bashrc .bash_profile .bash_login .profile; do printf '%s\n' "$HOME/$name"; done
    printf '%s\n' "${ZDOTDIR:-$HOME}/.zshrc" "$HOME/.zshrc" "$config/powershell/Microsoft.PowerShell_profile.ps1" "$config/fish/conf.d/awsrole.fish"
    [ ! -f "$share/made-folders" ] || sed -n 's/^wired //p' "$share/made-folders"
  } | awk '!seen[$0]++' | while IFS= read -r file; do
    folder=${file%/*}
    made=$(sed -n "s/^$folders_note//p" "$file" 2>/dev/null) || made=
    unwire "$file"
    while [ -n "$made" ] && [ ! -e "$file" ] && rmdir "$folder" 2>/dev/null; do
      made=${made#?} folder=${folder%/*}
    done
  done
}

# load_command SHELL: sets load, what to type in that shell to have awsrole in it; nothing where it cannot be had.
load_command() {
  load=
  case $1 in
    bash | zsh)
      quote "$share/shell/awsrole.$1"
      load=". $quoted"
      ;;
    fish)
      quote "$share/shell/awsrole.fish"
      load="source $quoted"
      ;;
    pwsh)
      quote_for_powershell "$share/shell/awsrole.ps1"
      load=". $quoted"
      ;;
    *) ;;
  esac
}

say_what_next() {
  say "awsrole is installed in $prefix (with Node.js $node_version)."
  load_command "$this_shell"
  if [ -z "$load" ]; then
    quote "$bin/awsrole"
    say "It can switch bash, zsh, fish and PowerShell, but not $this_shell. Here, run a command with a role:  $quoted exec PROFILE -- COMMAND"
    return 0
  fi
  case " $wired_shells " in
    *" $this_shell "*) say "New shells will have it. To use it in this one, type:  $load" ;;
    *) say "Load it into your shell, here and in its start-up file:  $load" ;;
  esac
  load_command "$own_shell"
  [ "$own_shell" = "$this_shell" ] || [ -z "$load" ] || say "In $own_shell, that is:  $load"
  if [ -n "$demo" ]; then
    say 'Then see which profiles you can switch to:  awsrole list'
  else
    say 'Then try it without an AWS account:  awsrole demo'
  fi
}

install_all() {
  if [ "$(id -u)" = 0 ] && [ "${SUDO_USER:-root}" != root ]; then
    warn "this runs under sudo, so it sets up the home folder ${HOME-}, and what it creates there belongs to root. It never needs root: run it as $SUDO_USER without sudo."
  fi
  find_checkout
  find_node
  find_shells
  check_targets
  build
  install_tree
  wire_all
  status=0
  if [ -n "$demo" ]; then
    trap : INT # Ctrl-C ends the demo, not what has to be said
    "$bin/awsrole" demo || status=$?
  fi
  say_what_next
  exit "$status"
}

# Removes the kept sessions: only awsrole knows which of those in the AWS CLI's cache it has put there. Sets cache.
clear_sessions() {
  cache=${XDG_CACHE_HOME:-${HOME-}/.cache}/awsrole
  if [ -n "${LOCALAPPDATA-}" ] && [ ! -d "$cache" ]; then
    windows_path "$LOCALAPPDATA"
    cache=$path/awsrole
  fi
  [ -d "$cache" ] && is_ours "$share" && [ -x "$share/shell/awsrole" ] || return 0
  if output=$("$share/shell/awsrole" clear 2>&1 </dev/null); then
    say "$output"
  else
    warn "the kept sessions could not be removed; those in ~/.aws/cli/cache end within 36 hours: $output"
  fi
}

uninstall_all() {
  unwire_all
  clear_sessions
  found=
  folders=
  if [ -f "$bin/awsrole" ] && [ ! -L "$bin/awsrole" ] && is_our_launcher "$bin/awsrole"; then
    rm -f "$bin/awsrole"
    found=yes
  fi
  if is_ours "$share"; then
    [ ! -f "$share/made-folders" ] || folders=$(cat "$share/made-folders")$newline
    find "$share" -mindepth 1 -maxdepth 1 ! -name keys -exec rm -rf {} + || fail "$share could not be removed." 'Check its permissions.'
    rmdir "$share" 2>/dev/null || :
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
  settings=${XDG_CONFIG_HOME:-${HOME-}/.config}/awsrole
  [ ! -d "$settings" ] || say "Your settings are still in $settings."
  [ ! -e "$share/keys" ] || say "Your stored keys are still in $share/keys."
  if [ -d "$cache" ]; then
    quote "$cache"
    say "Its cache is still there. To remove it:  rm -rf $quoted"
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
