#!/usr/bin/env bats
# install.sh, driven for real in throw-away homes. Most tests install a packed release, which is the
# checkout without src/, so that nothing has to be built; the last ones build.

bats_require_minimum_version 1.5.0

load lib/shells

setup_file() {
  export REPOSITORY=${BATS_TEST_DIRNAME%/test/shell}
  make_release "$BATS_FILE_TMPDIR/release"
}

setup() {
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir "$HOME"
  unset ZDOTDIR XDG_CACHE_HOME XDG_CONFIG_HOME LOCALAPPDATA SUDO_USER NODE_ENV
  export SHELL=/bin/bash
  release=$BATS_FILE_TMPDIR/release
  share=$HOME/.local/share/awsrole
}

# make_release FOLDER: a packed release whose core, but for setup, and integrations only say that they are there.
make_release() {
  mkdir -p "$1/shell"
  cp -R "$REPOSITORY/dist" "$1/"
  cp "$REPOSITORY/install.sh" "$REPOSITORY/package.json" "$REPOSITORY/LICENSE" "$1/"
  cp "$REPOSITORY/shell/awsrole" "$1/shell/"
  mv "$1/dist/cli.mjs" "$1/dist/real.mjs"
  core 'console.log(`core ${process.argv.slice(2)}`)' "$1"
  echo 'awsrole_loaded=bash' >"$1/shell/awsrole.bash"
  echo 'awsrole_loaded=zsh' >"$1/shell/awsrole.zsh"
  echo 'set -g awsrole_loaded fish' >"$1/shell/awsrole.fish"
  echo '$global:awsrole_loaded = "pwsh"' >"$1/shell/awsrole.psm1"
}

# core CODE FOLDER: what the core in a folder does, but for setup.
core() { echo "if (process.argv[2] === 'setup') await import('./real.mjs'); else { $1 }" >"$2/dist/cli.mjs"; }

install() { "$release/install.sh" "$@"; }

# stand_in PROGRAM: the text on standard input runs in its place from now on.
stand_in() {
  mkdir -p "$BATS_TEST_TMPDIR/stand-ins"
  { echo '#!/bin/sh' && cat; } >"$BATS_TEST_TMPDIR/stand-ins/$1"
  chmod 755 "$BATS_TEST_TMPDIR/stand-ins/$1"
  export PATH=$BATS_TEST_TMPDIR/stand-ins:${PATH#"$BATS_TEST_TMPDIR/stand-ins:"}
}

# Everything about the start-up files that an idle run must not touch.
state() { (cd "$HOME" && find . -maxdepth 1 ! -type d -printf '%p %y %m %i %T@ %l\n' | sort && find . -maxdepth 1 -type f -exec cksum {} + | sort); }
# Names, modes and contents below a folder.
tree_of() { (cd "$1" && find . -printf '%p %y %m %l\n' | sort && find . -type f -exec cksum {} + | sort); }

in_bash() { script -qec "bash -ic 'echo \"<\$awsrole_loaded>\"; awsrole x'" /dev/null; }
in_zsh() { script -qec "zsh -ic 'echo \"<\$awsrole_loaded>\"; awsrole x'" /dev/null; }

@test "a fresh home: new interactive shells have it, of the kind that is the person's" {
  need zsh
  need script
  for shell in bash zsh; do
    export HOME=$BATS_TEST_TMPDIR/$shell SHELL=/bin/$shell
    share=$HOME/.local/share/awsrole
    mkdir "$HOME"
    run -0 install
    [[ $output == *"Added awsrole to ~/.${shell}rc"*'awsrole is installed'*'awsrole demo' ]]
    [ "${#lines[@]}" -le 6 ]
    run -0 in_$shell
    [[ $output == *"<$shell>"*'core x'* ]]
  done
  [ "$(cat "$share/node-path")" = "$(node -p process.execPath)" ]
  [ "$(cd "$share" && find . ! -path './dist/*' | sort | tr '\n' ' ')" = '. ./LICENSE ./dist ./made-folders ./node-path ./package.json ./shell ./shell/awsrole ./shell/awsrole.bash ./shell/awsrole.fish ./shell/awsrole.psm1 ./shell/awsrole.zsh ' ]
}

# made: the start-up files that there are.
made() { (cd "$HOME" && find . -name '.*rc' -o -name '.bash_*' -o -name '.profile' -o -path '*/conf.d/*' -o -name '*.ps1' ! -path '*/share/*' | sort | tr '\n' ' '); }

@test "nothing is made for a shell that is only installed; it is named" {
  for program in bash zsh fish pwsh; do stand_in $program <<<"exec /bin/bash \"\$@\""; done
  export XDG_CONFIG_HOME=$HOME/.config
  local fish=.config/fish/conf.d/awsrole.fish pwsh=.config/powershell/Microsoft.PowerShell_profile.ps1
  while read -r own file left; do
    SHELL=/usr/bin/$own run -0 --separate-stderr install
    [ "$(made)" = "./$file " ] || { made && return 1; }
    [[ $output == *"Left alone, as you have no start-up file for it: $left (\"awsrole setup --shell NAME\" adds it)"* ]]
    SHELL=/usr/bin/$own install --uninstall
    [ -z "$(ls -A "$HOME")" ]
  done <<END
bash .bashrc zsh, fish, pwsh
zsh .zshrc bash, fish, pwsh
fish $fish bash, zsh, pwsh
pwsh $pwsh bash, zsh, fish
END
  # Without SHELL it is bash, as everywhere; a shell that is none of these has none.
  env -u SHELL "$release/install.sh"
  [ "$(made)" = './.bashrc ' ]
  install --uninstall
  SHELL=/bin/tcsh install
  [ "$(made)" = '' ]
  SHELL=/bin/tcsh install --uninstall
  # What is there is taken for used.
  touch "$HOME/.bashrc" "$HOME/.zshrc"
  mkdir -p "$HOME/.config/fish" "$HOME/.config/powershell"
  SHELL=/bin/tcsh run -0 install
  [ "$(made)" = "./.bashrc ./$fish ./$pwsh ./.zshrc " ]
  [[ $output != *'Left alone'* ]]
}

@test "a second run changes no byte and no time" {
  printf 'alias x=y' >"$HOME/.bashrc"
  printf 'export A=1\n' >"$HOME/.profile"
  install
  before=$(state)
  run -0 install
  [[ $output != *'wsrole to '* ]]
  [ "$(state)" = "$before" ]
  # In a shell that has what the first run put on PATH.
  PATH=$PATH:$HOME/.local/bin run -0 install
  [ "$(state)" = "$before" ]
}

@test "what is uninstalled leaves the home byte for byte as it was" {
  export ZDOTDIR=$HOME/zsh
  for content in '' 'a' 'a\n' '\n\n' 'a\n\n' 'a\r\nb\r\n' 'a\r\nb' '\351 latin\n' '# >>> other >>>\n# <<< other <<<\n'; do
    mkdir "$HOME/zsh" "$HOME/dotfiles" "$HOME/.local" "$HOME/.local/bin"
    # shellcheck disable=SC2059 # the escapes are meant
    printf "$content" | tee "$HOME/.bashrc" "$HOME/dotfiles/zshrc" >"$HOME/.profile"
    ln -s ../dotfiles/zshrc "$HOME/zsh/.zshrc"
    chmod 640 "$HOME/.bashrc"
    chmod 755 "$HOME/.profile"
    before=$(tree_of "$HOME")
    install
    install
    [ "$(grep -c awsrole.zsh "$HOME/dotfiles/zshrc")" = 1 ]
    [ -L "$HOME/zsh/.zshrc" ]
    [ "$(grep -c awsrole.bash "$HOME/.profile")" = 1 ]
    [ "$(tree_of "$HOME")" != "$before" ]
    install --uninstall
    [ "$(tree_of "$HOME")" = "$before" ]
    rm -r "$HOME/.bashrc" "$HOME/.profile" "$HOME/zsh" "$HOME/dotfiles" "$HOME/.local"
  done
}

@test "files and folders that it made are gone after --uninstall; what others put there stays" {
  need zsh
  export SHELL=/bin/zsh
  before=$(tree_of "$HOME")
  install
  [ "$(tree_of "$HOME")" != "$before" ]
  run -0 install --uninstall
  [ "$(tree_of "$HOME")" = "$before" ]
  run -0 install --uninstall
  [[ $output == *'There is no awsrole in'* ]]

  install
  echo 'mine=1' >>"$HOME/.zshrc"
  touch "$HOME/.local/bin/other"
  install # the second run still knows what the first one made
  install --uninstall
  [ "$(cat "$HOME/.zshrc")" = 'mine=1' ]
  [ "$(cd "$HOME" && find . -type f | sort | tr '\n' ' ')" = './.local/bin/other ./.zshrc ' ]
  [ ! -e "$HOME/.local/share" ]
}

@test "--uninstall does not join what came after a block with the line before it" {
  printf 'a=1' >"$HOME/.bashrc"
  install
  printf 'b=2' >>"$HOME/.bashrc"
  install
  install --uninstall
  [ "$(cat "$HOME/.bashrc" && echo .)" = $'a=1\nb=2.' ]
}

@test "lines before and after the block stay where they are when it is renewed" {
  printf 'a=1\n' >"$HOME/.bashrc"
  install
  printf 'b=2\n' >>"$HOME/.bashrc"
  run -0 install --prefix "$HOME/elsewhere"
  [[ $output == *'Updated awsrole in ~/.bashrc'* ]]
  [ "$(sed -n '1p;$p' "$HOME/.bashrc")" = $'a=1\nb=2' ]
  [ "$(grep -c '>>> awsrole >>>' "$HOME/.bashrc")" = 1 ]
  grep -q "$HOME/elsewhere/share" "$HOME/.bashrc"
  run -1 grep -F "$HOME/.local" "$HOME/.bashrc"
  # What belongs to one prefix is not taken back with another.
  before=$(state)
  run -0 install --uninstall
  [[ $output == *'Left alone: ~/.bashrc'* ]]
  [ "$(state)" = "$before" ]
  install --uninstall --prefix "$HOME/elsewhere"
  [ "$(cat "$HOME/.bashrc")" = $'a=1\nb=2' ]
  [ ! -e "$HOME/elsewhere" ]
}

@test "a block whose lines an editor gave a CR is renewed, and taken out whole" {
  printf 'a=1\r\n' >"$HOME/.bashrc"
  cp "$HOME/.bashrc" "$BATS_TEST_TMPDIR/before"
  install
  sed 's/\r*$/\r/' "$HOME/.bashrc" >"$BATS_TEST_TMPDIR/crlf"
  cat "$BATS_TEST_TMPDIR/crlf" >"$HOME/.bashrc"
  install
  [ "$(grep -c '>>> awsrole >>>' "$HOME/.bashrc")" = 1 ]
  run -1 grep 'awsrole.*'$'\r' "$HOME/.bashrc"
  cat "$BATS_TEST_TMPDIR/crlf" >"$HOME/.bashrc"
  install --uninstall
  cmp "$HOME/.bashrc" "$BATS_TEST_TMPDIR/before"
}

@test "a damaged block is left alone, with a warning" {
  for content in '# >>> awsrole >>>\n' '# <<< awsrole <<<\n' '# <<< awsrole <<<\n# >>> awsrole >>>\n' \
    '# >>> awsrole >>>\n# >>> awsrole >>>\n# <<< awsrole <<<\n' 'a\0b\n'; do
    # shellcheck disable=SC2059 # the escapes are meant
    printf "$content" >"$HOME/.bashrc"
    cp "$HOME/.bashrc" "$BATS_TEST_TMPDIR/before"
    run -0 --separate-stderr install
    [[ $stderr == *'~/.bashrc was left alone'*"'$share/shell/awsrole.bash'"* ]]
    cmp "$HOME/.bashrc" "$BATS_TEST_TMPDIR/before"
    run -0 --separate-stderr install --uninstall
    [[ $stderr == *'~/.bashrc was left alone'* ]]
    cmp "$HOME/.bashrc" "$BATS_TEST_TMPDIR/before"
  done
}

@test "a start-up file that is read-only, or a folder: a warning with the line to add, status 0" {
  mkdir "$HOME/.zshrc"
  printf 'a=1\n' >"$HOME/.bashrc"
  chmod 444 "$HOME/.bashrc"
  as_user=
  if [ "$(id -u)" = 0 ]; then # root writes into what is read-only
    need setpriv
    as_user='setpriv --reuid=65534 --regid=65534 --clear-groups'
    # Not all of the run's folder: the files that run beside this one come and go in it.
    chmod a+x "$BATS_RUN_TMPDIR" "${BATS_FILE_TMPDIR%/*}" "$BATS_FILE_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_TEST_TMPDIR"
    chmod -R a+rX "$release"
    chown -R 65534:65534 "$HOME"
  fi
  run -0 --separate-stderr $as_user "$release/install.sh"
  [[ $stderr == *'~/.bashrc cannot be written'*"then . '$share/shell/awsrole.bash'; fi"* ]]
  [[ $stderr == *'~/.zshrc was left alone'* ]]
  [ "$(cat "$HOME/.bashrc")" = 'a=1' ]
  [ -x "$HOME/.local/bin/awsrole" ]
  chmod 644 "$HOME/.bashrc"
  $as_user "$release/install.sh"
  chmod 444 "$HOME/.bashrc"
  run -0 --separate-stderr $as_user "$release/install.sh" --uninstall
  [[ $stderr == *'~/.bashrc cannot be written. Remove the lines from # >>> awsrole >>>'* ]]
}

@test "a login bash has it too when its own file does not read .bashrc" {
  need script
  login() { script -qec "bash -lic 'echo \"<\$awsrole_loaded>\"'" /dev/null; }
  for name in .bash_profile .bash_login .profile; do
    for text in 'A=1' '# . ~/.bashrc' '. /etc/bash.bashrc' 'x=my.bashrc'; do
      echo "$text" >"$HOME/$name"
      install >/dev/null
      run -0 login
      [[ $output == *'<bash>'* ]]
      [ "$(grep -c awsrole.bash "$HOME/$name")" = 1 ]
      install --uninstall >/dev/null
      [ "$(cat "$HOME/$name")" = "$text" ]
    done
    rm "$HOME/$name"
  done
}

@test "a login file that reads .bashrc is left as it is, and the ones after it" {
  for text in '. ~/.bashrc' 'source "$HOME/.bashrc"' '[ -f ~/.bashrc ] && . ~/.bashrc' '.  .bashrc'; do
    echo "$text" >"$HOME/.bash_login"
    echo 'B=1' >"$HOME/.profile"
    install
    [ "$(cat "$HOME/.bash_login" "$HOME/.profile")" = "$text"$'\n''B=1' ]
  done
}

@test "the lines do no harm: under dash, set -eu, without PATH, after the files are gone" {
  need dash
  need zsh
  touch "$HOME/.zshrc"
  echo 'A=1' >"$HOME/.profile"
  install
  for _ in there gone; do
    for shell in dash bash; do
      run -0 $shell -euc '. "$HOME/.profile"; echo "$?:${awsrole_loaded-}"'
      [ "$shell" = bash ] || [ "$output" = '0:' ]
    done
    run -0 bash -euc '. "$HOME/.bashrc"; . "$HOME/.bashrc"; echo $?; echo "$PATH"'
    [ "${lines[0]}" = 0 ]
    [ "$(printf '%s' "${lines[1]}" | tr : '\n' | grep -cxF "$HOME/.local/bin")" = 1 ]
    run -0 bash -euc 'unset PATH; . "$HOME/.bashrc"; echo "$PATH"'
    [ "$output" = "$HOME/.local/bin" ]
    run -0 zsh -feuc '. "$HOME/.zshrc"; echo $?'
    [ "$output" = 0 ]
    rm -rf "$share"
  done
}

@test "PATH is left out of the block when PREFIX/bin is on it" {
  need zsh
  touch "$HOME/.zshrc"
  PATH=$PATH:$HOME/.local/bin install
  run -1 grep PATH "$HOME/.bashrc"
  # Nothing comes after the line that loads it: that line's status is the file's.
  mv "$share" "$HOME/gone"
  run -0 bash -euc '. "$HOME/.bashrc"'
  run -0 zsh -feuc '. "$HOME/.zshrc"'
  mv "$HOME/gone" "$share"
  install
  [ "$(grep -c PATH= "$HOME/.bashrc")" = 1 ]
}

@test "only shells that are on the machine, or have a start-up file, are wired" {
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh awk cat chmod cksum cmp cp find grep head id mkdir mktemp mv node readlink rm rmdir sed tail uname; do
    ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
  done
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" "$release/install.sh"
  [ ! -e "$HOME/.bashrc" ]
  [ ! -e "$HOME/.zshrc" ]
  : >"$HOME/.zshrc"
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" "$release/install.sh"
  [ ! -e "$HOME/.bashrc" ]
  [ -s "$HOME/.zshrc" ]
}

@test "--no-rc leaves the start-up files alone and says the line" {
  echo 'a=1' >"$HOME/.bashrc"
  run -0 install --no-rc
  [ "$(cat "$HOME/.bashrc")" = 'a=1' ]
  [ ! -e "$HOME/.zshrc" ]
  [[ $output == *". '$share/shell/awsrole.bash'"* ]]
  install
  before=$(state)
  install --uninstall --no-rc
  [ "$(state)" = "$before" ]
  [ ! -e "$share" ]
}

@test "--demo starts the demo, and says after it how this shell gets awsrole" {
  for way in '' 'setsid'; do
    run -0 $way "$release/install.sh" --demo </dev/null
    [[ $output == *'core demo'*'awsrole is installed'*"New shells will have it. To use it in this one, type:  . '$share/shell/awsrole.bash'"*'awsrole list' ]]
    [ ! -e "$HOME/.local/share/.awsrole-install" ]
  done
  make_release "$BATS_TEST_TMPDIR/release"
  core 'process.exit(9)' "$BATS_TEST_TMPDIR/release"
  run -9 "$BATS_TEST_TMPDIR/release/install.sh" --demo
  [[ $output == *'To use it in this one, type:'* ]]
  # Ctrl-C ends the demo, not what has to be said.
  core 'process.kill(process.ppid, "SIGINT"); setTimeout(() => process.exit(130), 300)' "$BATS_TEST_TMPDIR/release"
  run -130 "$BATS_TEST_TMPDIR/release/install.sh" --demo
  [[ $output == *'To use it in this one, type:'* ]]
}

# typed_in SHELL COMMAND: what is typed into SHELL, which is not the person's own.
typed_in() { cp "$(command -v bash)" "$BATS_TEST_TMPDIR/$1" && "$BATS_TEST_TMPDIR/$1" -c "$2; exit \$?"; }

@test "the next step is one that works in the shell that it is typed in" {
  local own next
  export SHELL=/bin/bash
  # Each really gives that shell the function.
  for shell in bash zsh fish; do
    need $shell
    run -0 $shell -c "'$release/install.sh' --no-rc; echo"
    next=$(sed -n 's/^Load it into your shell, here and in its start-up file:  //p' <<<"$output")
    run -0 $shell -c "$next; echo \"<\$awsrole_loaded>\""
    [ "$output" = "<$shell>" ]
  done
  # Where the one that this was typed in is not the person's own (it may be a script), both are said.
  run -0 zsh -c "'$release/install.sh' --no-rc; echo"
  [[ $output == *"here and in its start-up file:  . '$share/shell/awsrole.zsh'"*"In bash, that is:  . '$share/shell/awsrole.bash'"* ]]
  run -0 typed_in pwsh "'$release/install.sh' --no-rc"
  [[ $output == *"here and in its start-up file:  Import-Module '$share/shell/awsrole.psm1' -Global"* ]]
  # What it cannot switch is told what works there.
  for other in ksh93 mksh tcsh nu elvish; do
    run -0 typed_in $other "'$release/install.sh'"
    [[ $output == *"not $other. Here, run a command with a role:  '$HOME/.local/bin/awsrole' exec PROFILE -- COMMAND"* ]]
    [[ $output != *'To have it in this one'* ]]
  done
  run -0 "$HOME/.local/bin/awsrole" exec PROFILE -- true
  # make, npm and the like are no shells.
  SHELL=/bin/zsh run -0 typed_in make "'$release/install.sh' --no-rc"
  [[ $output == *"here and in its start-up file:  . '$share/shell/awsrole.zsh'"* ]]
}

@test "start-up files are unwired also where ZDOTDIR and XDG_CONFIG_HOME are others by then" {
  mkdir "$HOME/z" "$HOME/c"
  touch "$HOME/z/.zshrc"
  mkdir "$HOME/c/fish"
  before=$(tree_of "$HOME")
  ZDOTDIR=$HOME/z XDG_CONFIG_HOME=$HOME/c install
  [ "$(made)" = './.bashrc ./c/fish/conf.d/awsrole.fish ./z/.zshrc ' ]
  ZDOTDIR=$HOME/z XDG_CONFIG_HOME=$HOME/c install
  [ "$(grep -c '^wired ' "$share/made-folders")" = 3 ]
  install --uninstall
  [ "$(tree_of "$HOME")" = "$before" ]
}

@test "--help, and what it does not understand" {
  run -0 install --help
  [[ $output == Usage:*--prefix*--uninstall* ]]
  for arguments in '--frob' 'x' '--prefix' '--prefix=' '--demo --uninstall'; do
    run -2 --separate-stderr install $arguments
    [ -z "$output" ]
    [[ $stderr == install.sh:*Usage:* ]]
  done
  run -2 install --prefix ''
  [ -z "$(ls -A "$HOME")" ]
}

@test "every way to write a prefix is the same folder" {
  cd "$HOME"
  mkdir p
  for prefix in p ./p p/ "$HOME//p" ../home/p "$HOME/p/"; do
    install --prefix "$prefix" >/dev/null
    grep -qF " '$HOME/p/share/awsrole/shell/awsrole.bash'" .bashrc
    before=$(state)
    run -0 install --prefix="$prefix"
    [ "$(state)" = "$before" ]
    (cd / && "$HOME/p/bin/awsrole" x)
    install --uninstall --prefix "$HOME/p" >/dev/null
    [ "$(ls -A "$HOME")" = p ]
    [ -z "$(ls -A p)" ]
  done
  install --prefix new//deep/er// --no-rc
  grep -qxF "$HOME/new/deep/er/bin" new/deep/er/share/awsrole/made-folders
  new/deep/er/bin/awsrole x
  install --prefix "$HOME/new/deep/er" --uninstall
  [ ! -e new ]
}

@test "without HOME it needs a prefix, and with one it works" {
  run -1 --separate-stderr env -u HOME "$release/install.sh"
  [[ $stderr == *'HOME is not set'*'--prefix'* ]]
  run -0 --separate-stderr env -u HOME "$release/install.sh" --prefix "$HOME/p"
  [[ $stderr == *'HOME is not set'* ]]
  "$HOME/p/bin/awsrole" x
  run -0 --separate-stderr env -u HOME "$release/install.sh" --prefix "$HOME/p" --uninstall
  [ ! -e "$HOME/p" ]
}

@test "any name for the checkout, the home and the prefix; CDPATH; from another folder" {
  need zsh
  need script
  for name in 'a b' "it's" '$HOME' '`x`' 'q"q' '*?' '!x' 'é' '-n' '~'; do
    from="$BATS_TEST_TMPDIR/from/$name/release"
    make_release "$from"
    export HOME="$BATS_TEST_TMPDIR/homes/$name"
    mkdir -p "$HOME"
    touch "$HOME/.zshrc"
    cd "$BATS_TEST_TMPDIR/from"
    CDPATH="$BATS_TEST_TMPDIR:/" run -0 "./$name/release/install.sh"
    run -0 in_bash
    [[ $output == *'<bash>'*'core x'* ]]
    run -0 in_zsh
    [[ $output == *'<zsh>'*'core x'* ]]
    cd "$from"
    run -0 sh install.sh --prefix "pre $name"
    run -0 in_bash
    [[ $output == *'<bash>'*'core x'* ]]
    "pre $name/bin/awsrole" x
    run -0 sh install.sh --prefix "pre $name" --uninstall
    run -0 sh install.sh --uninstall
    [ "$(ls -A "$HOME")" = .zshrc ]
    [ ! -s "$HOME/.zshrc" ]
    cd /
  done
}

@test "a prefix that Node cannot load from is refused" {
  for prefix in 'back\slash' $'new\nline'; do
    run -1 --separate-stderr install --prefix "$BATS_TEST_TMPDIR/$prefix"
    [[ $stderr == *'backslash or control character'* ]]
    [ ! -e "$BATS_TEST_TMPDIR/$prefix" ]
  done
}

@test "nobody else can write to what it makes, and all can read it, whatever the umask" {
  for mask in 000 077 027; do
    (umask $mask && make_release "$BATS_TEST_TMPDIR/$mask" && "$BATS_TEST_TMPDIR/$mask/install.sh" >/dev/null)
    [ -z "$(find "$HOME" -mindepth 1 ! -type l -perm -020)" ]
    [ -z "$(find "$HOME" -mindepth 1 ! -type l -perm -002)" ]
    [ -z "$(find "$share" ! -perm -444)" ]
    [ "$(find "$HOME/.local/bin/awsrole" "$share/shell/awsrole" -perm 755 | wc -l)" -eq 2 ]
    "$HOME/.local/bin/awsrole" x
    install --uninstall
  done
}

# twice_under SHELL...: two installations, of which the second has nothing to do, and back.
twice_under() {
  printf 'a=1' >"$HOME/.bashrc"
  run -0 "$@" "$release/install.sh"
  run -0 "$@" "$release/install.sh"
  [[ $output != *'wsrole to '* ]]
  run -0 "$HOME/.local/bin/awsrole" x
  [ "$output" = 'core x' ]
  run -0 "$@" "$release/install.sh" --uninstall
  [ "$(cat "$HOME/.bashrc" && echo .)" = 'a=1.' ]
}

@test "dash and bash run it alike" {
  need dash
  twice_under dash
  twice_under bash
  twice_under bash --posix
}

@test "busybox runs it too" {
  need busybox
  twice_under busybox sh
}

@test "busybox's own tools do as well" {
  need busybox
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh awk cat chmod cmp cp find grep head id mkdir mktemp mv readlink rm rmdir sed tail uname; do
    ln -s "$(command -v busybox)" "$BATS_TEST_TMPDIR/bin/$tool"
  done
  ln -s "$(command -v node)" "$BATS_TEST_TMPDIR/bin/node"
  printf 'a=1' >"$HOME/.bashrc"
  printf 'a=1\r\n' >"$HOME/.zshrc"
  before=$(tree_of "$HOME")
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" sh "$release/install.sh"
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" sh "$release/install.sh"
  [[ $output != *'wsrole to '* ]]
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" sh "$release/install.sh" --uninstall
  [ "$(tree_of "$HOME")" = "$before" ]
}

@test "an environment that exports shell options changes nothing" {
  printf 'a=1\n' >"$HOME/.bashrc"
  install --prefix "$HOME/first" >/dev/null
  run -0 env SHELLOPTS=noclobber:braceexpand bash "$release/install.sh"
  grep -qF "$share" "$HOME/.bashrc"
  run -0 env SHELLOPTS=noclobber:braceexpand bash "$release/install.sh" --uninstall
  [ "$(cat "$HOME/.bashrc")" = 'a=1' ]
}

@test "Node: absent, too old, broken, just new enough" {
  local real
  real=$(command -v node)
  none_installed() { [ -z "$(ls -A "$HOME")" ]; }
  for version in 18.20.4 19.20.0 20.18.3 0.10.48 20.9.0 2.1.0; do
    stand_in node <<<"echo $version"
    run -1 --separate-stderr install
    [[ $stderr == *"Node.js $version is too old; awsrole needs 20.19"*'Install Node.js'* ]]
    none_installed
  done
  for text in 'exit 1' 'echo hello' 'exit 0' 'echo v20.19.0'; do
    stand_in node <<<"$text"
    run -1 --separate-stderr install
    [[ $stderr == *'stand-ins/node does not run as Node.js'* ]]
    none_installed
  done
  for version in 20.19.0 20.20.1 21.0.0 22.1.0 30.0.0 100.0.0; do
    stand_in node <<<"[ \"\$1\" != -p ] || exec echo $version; exec '$real' \"\$@\""
    run -0 install
    install --uninstall
  done
  rm "$BATS_TEST_TMPDIR/stand-ins/node"
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh cat grep id mkdir; do ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"; done
  run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "$release/install.sh"
  [[ $stderr == *'Node.js was not found; awsrole needs 20.19'* ]]
  none_installed
}

@test "a version manager's shim is seen through" {
  real=$(command -v node)
  stand_in node <<<"exec '$real' \"\$@\""
  install
  [ "$(cat "$share/node-path")" = "$("$real" -p process.execPath)" ]
}

@test "an upgrade takes away what is no longer shipped" {
  install
  make_release "$BATS_TEST_TMPDIR/release"
  mv "$BATS_TEST_TMPDIR/release/shell/awsrole.zsh" "$BATS_TEST_TMPDIR/release/shell/awsrole.new"
  release=$BATS_TEST_TMPDIR/release install
  [ ! -e "$share/shell/awsrole.zsh" ]
  [ -e "$share/shell/awsrole.new" ]
  [ "$(ls -A "$HOME/.local/share")" = awsrole ]
  [ "$(ls -A "$HOME/.local/bin")" = awsrole ]
}

@test "--uninstall removes the sessions and names what it leaves" {
  install
  mkdir -p "$HOME/.cache/awsrole" "$HOME/.config/awsrole"
  touch "$HOME/.cache/awsrole/stamp"
  run -0 install --uninstall
  [[ $output == *'removed no kept session'*"settings are still in $HOME/.config/awsrole."* ]]
  [ -e "$HOME/.cache/awsrole/stamp" ]
  [[ $output == *"rm -rf '$HOME/.cache/awsrole'"* ]]
  eval "$(sed -n 's/^Its cache is still there. To remove it:  //p' <<<"$output")"
  [ ! -e "$HOME/.cache/awsrole" ]
  # Without any, nothing is said of them; where that fails, it says what is left.
  install
  run -0 install --uninstall
  [[ $output != *session* && $output != *cache* ]]
  install
  mkdir -p "$HOME/.cache/awsrole"
  echo 'throw new Error("no luck")' >"$share/dist/commands-clear.mjs"
  run -0 --separate-stderr install --uninstall
  [[ $stderr == *'no luck'*'could be removed'*'do nothing without it'* ]]
  [ ! -e "$share" ]
}

@test "--uninstall is the installed core's, else that of the checkout, built where it has to be" {
  checkout=$BATS_TEST_TMPDIR/checkout
  make_checkout "$checkout"
  # Nothing is there, and nothing is built for it.
  run -0 "$checkout/install.sh" --uninstall
  [[ $output == "There is no awsrole in $HOME/.local." ]]
  # By the installed one, which says so.
  install
  sed -i "1s/^/console.log('installed core');/" "$share/dist/cli.mjs"
  run -0 "$checkout/install.sh" --uninstall
  [[ $output == *'installed core'*"awsrole is removed from $HOME/.local"* ]]
  [ ! -e "$checkout/npm.log" ]
  # One that does not run; one of before; nothing but the launcher.
  for damage in 'echo "throw 1" >"$share/dist/cli.mjs"' 'rm "$share/dist/commands-setup-prefix.mjs"' 'rm -r "$share"'; do
    rm -rf "$checkout/dist"
    for built in no yes; do
      install
      eval "$damage"
      : >"$checkout/npm.log"
      run -0 "$checkout/install.sh" --uninstall
      [[ $output == *"awsrole is removed from $HOME/.local"* ]]
      # Which folders were made is written in the tree.
      rmdir "$HOME/.local/share" "$HOME/.local/bin" "$HOME/.local" 2>/dev/null || :
      [ -z "$(ls -A "$HOME")" ]
      [ "$built" = "$(if [ -s "$checkout/npm.log" ]; then echo no; else echo yes; fi)" ]
    done
  done
  # Without a Node on PATH, by the one that it was installed with.
  install
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh cat grep id; do ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"; done
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" "$checkout/install.sh" --uninstall
  [ -z "$(ls -A "$HOME")" ]
}

@test "under sudo it warns" {
  [ "$(id -u)" = 0 ] || skip 'only root can tell'
  SUDO_USER=someone run -0 --separate-stderr install
  [[ $stderr == *'runs under sudo'*'run it as someone without sudo'* ]]
  SUDO_USER=root run -0 --separate-stderr install
  [ -z "$stderr" ]
}

@test "not beside a checkout it says so" {
  mkdir "$BATS_TEST_TMPDIR/alone"
  cp "$release/install.sh" "$BATS_TEST_TMPDIR/alone/"
  run -1 --separate-stderr "$BATS_TEST_TMPDIR/alone/install.sh"
  [[ $stderr == *'no awsrole beside this script'* ]]
  cd "$BATS_TEST_TMPDIR/alone"
  run -1 --separate-stderr sh -c 'sh <"$1"' - "$release/install.sh"
  [[ $stderr == *'no awsrole beside this script'* ]]
}

# A checkout whose npm writes down what it was asked, and does it in miniature.
make_checkout() {
  make_release "$1"
  core 'console.log("built")' "$1"
  mv "$1/dist" "$1/built"
  mkdir "$1/src"
  cp "$REPOSITORY/package-lock.json" "$1/"
  stand_in npm <<'NPM'
echo "$*" >>npm.log
echo "npm says $1"
case $1 in
  ci) [ ! -e ci-fails ] && mkdir -p node_modules && touch node_modules/.package-lock.json ;;
  run) [ ! -e build-fails ] && mkdir -p dist && cp -R built/. dist ;;
esac
NPM
}

@test "npm ci runs when node_modules is missing or older than the lock file, and then only" {
  checkout=$BATS_TEST_TMPDIR/checkout
  make_checkout "$checkout"
  NODE_ENV=production run -0 "$checkout/install.sh"
  [[ $output != *'npm says'* ]]
  [[ $(cat "$checkout/npm.log") == 'ci --include=dev '*$'\n''run build'* ]]
  run -0 "$HOME/.local/bin/awsrole"
  [ "$output" = built ]
  run -0 "$checkout/install.sh"
  [ "$(grep -c '^ci' "$checkout/npm.log")" = 1 ]
  run -0 "$checkout/install.sh" --uninstall
  [[ $output == *"still in $checkout (node_modules, dist)."* ]]
  touch -d '+2 seconds' "$checkout/package-lock.json"
  run -0 "$checkout/install.sh"
  [ "$(grep -c '^ci' "$checkout/npm.log")" = 2 ]
  [ "$(grep -c '^run build' "$checkout/npm.log")" = 3 ]
}

@test "when npm fails its output is shown, and the old installation works on" {
  checkout=$BATS_TEST_TMPDIR/checkout
  make_checkout "$checkout"
  install
  before=$(tree_of "$HOME")
  touch "$checkout/ci-fails"
  run -1 --separate-stderr "$checkout/install.sh"
  [[ $stderr == *'npm says ci'*'npm ci failed'* ]]
  rm "$checkout/ci-fails"
  touch "$checkout/build-fails"
  run -1 --separate-stderr "$checkout/install.sh"
  [[ $stderr == *'npm says run'*'npm run build failed'* ]]
  [ "$(tree_of "$HOME")" = "$before" ]
  run -0 "$HOME/.local/bin/awsrole" x
  [ "$output" = 'core x' ]
}

@test "without npm a checkout cannot be built, a release can be installed" {
  checkout=$BATS_TEST_TMPDIR/checkout
  make_checkout "$checkout"
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in sh awk cat chmod cmp cp find grep head id mkdir mktemp mv node rm rmdir sed tail uname; do
    ln -s "$(command -v $tool)" "$BATS_TEST_TMPDIR/bin/$tool"
  done
  run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/bin" "$checkout/install.sh"
  [[ $stderr == *'npm was not found'* ]]
  run -0 env PATH="$BATS_TEST_TMPDIR/bin" "$release/install.sh"
}

@test "from a clone, with the real build" {
  [ -d "$REPOSITORY/node_modules" ] || skip 'node_modules is missing'
  clone="$BATS_TEST_TMPDIR/a clone's \$1"
  git clone -q "$REPOSITORY" "$clone"
  # The working copies: what is tested is what is being written.
  cp -R "$REPOSITORY/install.sh" "$REPOSITORY/shell" "$REPOSITORY/src" "$REPOSITORY/build.mjs" "$clone/"
  cp -al "$REPOSITORY/node_modules" "$clone/node_modules" 2>/dev/null || cp -R "$REPOSITORY/node_modules" "$clone/"
  rm "$clone/node_modules/.package-lock.json"
  cp "$REPOSITORY/node_modules/.package-lock.json" "$clone/node_modules/" # newer than the clone's lock file
  [ -e "$clone/src/cli.ts" ] || echo 'console.log("usage: awsrole");' >"$clone/src/cli.ts"
  cd /
  touch "$HOME/.zshrc"
  run -0 "$clone/install.sh"
  [[ $output != *'npm ci'* ]]
  mv "$clone" "$BATS_TEST_TMPDIR/gone" # nothing of it is needed any more
  run -0 "$HOME/.local/bin/awsrole" --help
  [[ $output == *awsrole* ]]
  for shell in bash zsh; do
    [ -e "$share/shell/awsrole.$shell" ] || continue
    need $shell
    run -0 script -qec "$shell -ic 'type awsrole'" /dev/null
    [[ $output == *function* ]]
  done
  # Of the sessions nothing is left, those that it has put into the AWS CLI's cache too.
  sandbox_url=
  mkfifo "$BATS_TEST_TMPDIR/in"
  node "$share/dist/sandbox-sts.mjs" --stop-with-stdin --aws-folder "$HOME/.aws" <"$BATS_TEST_TMPDIR/in" >"$BATS_TEST_TMPDIR/out" 3>&- &
  exec 9>"$BATS_TEST_TMPDIR/in"
  until [ -s "$BATS_TEST_TMPDIR/out" ]; do sleep 0.1; done
  sandbox_url=$(node -p 'JSON.parse(process.argv[1]).url' "$(head -1 "$BATS_TEST_TMPDIR/out")")
  mkdir -p "$HOME/.aws/cli/cache"
  echo '{}' >"$HOME/.aws/cli/cache/theirs.json"
  AWS_ENDPOINT_URL_STS=$sandbox_url run -0 "$HOME/.local/bin/awsrole" exec plain -- true
  [ "$(find "$HOME/.aws/cli/cache" -name '*.json' | wc -l)" = 2 ]
  run -0 "$BATS_TEST_TMPDIR/gone/install.sh" --uninstall
  [[ $output == *'removed 1 kept session'* ]]
  [ "$(ls "$HOME/.aws/cli/cache")" = theirs.json ]
  run -1 grep -rl ASIA "$HOME/.cache/awsrole"
  exec 9>&-
}
