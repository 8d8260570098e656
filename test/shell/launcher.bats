#!/usr/bin/env bats
# The launcher: how it finds its root and Node, and `awsrole init`, which needs no Node.

bats_require_minimum_version 1.5.0

load lib/shells

setup_file() {
  export REPOSITORY=${BATS_TEST_DIRNAME%/test/shell}
}

setup() {
  export HOME=$BATS_TEST_TMPDIR/home
  mkdir "$HOME"
  unset ZDOTDIR MSYS_NO_PATHCONV MSYS2_ARG_CONV_EXCL
  tree="$BATS_TEST_TMPDIR/root"
  make_tree "$tree"
}

# A tree like the package's, whose core says what it was given.
make_tree() {
  mkdir -p "$1/dist" "$1/shell"
  cp "$REPOSITORY/shell/awsrole" "$1/shell/awsrole"
  echo 'console.log(JSON.stringify({ argv: process.argv.slice(2), core: process.argv[1], node: process.argv0 }));' >"$1/dist/cli.mjs"
  printf 'ROOT=$__awsrole_root\n' >"$1/shell/awsrole.bash"
  printf '# sh\r\n\\n %%s $x `y`\n\nno newline at the end' >"$1/shell/awsrole.sh"
  printf 'ROOT=$__awsrole_root\n' >"$1/shell/awsrole.zsh"
  printf 'set -g ROOT $__awsrole_root\n' >"$1/shell/awsrole.fish"
}

# As install.sh lays it out.
make_prefix() {
  make_tree "$1/share/awsrole"
  mkdir -p "$1/bin"
  cp "$1/share/awsrole/shell/awsrole" "$1/bin/awsrole"
}

core_of() { printf '%s' "$1" | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).core'; }

@test "in the package the root is the folder above shell/" {
  run -0 "$tree/shell/awsrole" role101 'two words' '' '*' '$HOME'
  [ "$output" = "{\"argv\":[\"role101\",\"two words\",\"\",\"*\",\"\$HOME\"],\"core\":\"$tree/dist/cli.mjs\",\"node\":\"node\"}" ]
}

@test "installed, the root is PREFIX/share/awsrole" {
  prefix="$BATS_TEST_TMPDIR/pre fix"
  make_prefix "$prefix"
  run -0 "$prefix/bin/awsrole" x
  [ "$(core_of "$output")" = "$prefix/share/awsrole/dist/cli.mjs" ]
}

@test "a prefix that also is a checkout keeps its own installation" {
  make_prefix "$tree"
  run -0 "$tree/bin/awsrole"
  [ "$(core_of "$output")" = "$tree/share/awsrole/dist/cli.mjs" ]
}

@test "its own links are followed: absolute, relative, chained, in a folder that is a link" {
  prefix="$BATS_TEST_TMPDIR/p"
  make_prefix "$prefix"
  mkdir -p "$BATS_TEST_TMPDIR/a/b"
  ln -s "$prefix/bin/awsrole" "$BATS_TEST_TMPDIR/a/absolute"
  ln -s ../absolute "$BATS_TEST_TMPDIR/a/b/relative"
  ln -s "$prefix/bin" "$BATS_TEST_TMPDIR/a/folder"
  ln -s "$tree/shell/awsrole" "$BATS_TEST_TMPDIR/a/package"
  cd "$BATS_TEST_TMPDIR/a"
  for way in "$PWD/absolute" "$PWD/b/relative" b/relative ./b/../absolute "$PWD/folder/awsrole" folder/awsrole; do
    run -0 "$way"
    [ "$(core_of "$output")" = "$prefix/share/awsrole/dist/cli.mjs" ]
  done
  run -0 ./package
  [ "$(core_of "$output")" = "$tree/dist/cli.mjs" ]
}

@test "every way to name it finds the same root" {
  prefix="$BATS_TEST_TMPDIR/p"
  make_prefix "$prefix"
  mkdir "$prefix/bin/-"
  ln -s "$prefix" "$BATS_TEST_TMPDIR/link"
  cd "$prefix/bin"
  for way in ./awsrole ../bin/awsrole "$prefix//bin//awsrole" "$prefix/bin/./awsrole" "$prefix/bin/-/../awsrole" \
    ./-/../awsrole "$BATS_TEST_TMPDIR/link/../p/bin/awsrole"; do
    CDPATH=$BATS_TEST_TMPDIR:$prefix run -0 -- "$way"
    [ "$(core_of "$output")" = "$prefix/share/awsrole/dist/cli.mjs" ]
  done
  run -0 sh awsrole
  [ "$(core_of "$output")" = "$prefix/share/awsrole/dist/cli.mjs" ]
  for entry in "$prefix/bin" "$prefix/bin/" . ''; do
    PATH=$entry:$PATH run -0 awsrole
    [ "$(core_of "$output")" = "$prefix/share/awsrole/dist/cli.mjs" ]
  done
}

# Node itself loads no module from a folder with a backslash in its name.
@test "paths with spaces, quotes, dollars and newlines" {
  for name in 'a b' "it's" '$HOME' 'q"q' '*?[x]' $'new\nline' $'end\n' '%s' 'é' '-n'; do
    make_prefix "$BATS_TEST_TMPDIR/$name"
    run -0 "$BATS_TEST_TMPDIR/$name/bin/awsrole" ok
    [[ $output == '{"argv":["ok"]'* ]]
    ln -s "$BATS_TEST_TMPDIR/$name/bin/awsrole" "$BATS_TEST_TMPDIR/link"
    run -0 "$BATS_TEST_TMPDIR/link" ok
    [[ $output == '{"argv":["ok"]'* ]]
    rm "$BATS_TEST_TMPDIR/link"
  done
}

@test "the recorded Node is used, also with an empty PATH; the one on PATH when that is gone" {
  real=$(node -p process.execPath)
  mkdir "$BATS_TEST_TMPDIR/my node" "$BATS_TEST_TMPDIR/empty"
  ln -s "$real" "$BATS_TEST_TMPDIR/my node/node"
  printf '%s\n' "$BATS_TEST_TMPDIR/my node/node" >"$tree/node-path"
  PATH=$BATS_TEST_TMPDIR/empty run -0 "$tree/shell/awsrole"
  [[ $output == *"\"node\":\"$BATS_TEST_TMPDIR/my node/node\""* ]]
  rm "$BATS_TEST_TMPDIR/my node/node"
  run -0 "$tree/shell/awsrole"
  [[ $output == *'"node":"node"'* ]]
  mkdir "$BATS_TEST_TMPDIR/my node/node"
  run -0 "$tree/shell/awsrole"
  [[ $output == *'"node":"node"'* ]]
}

@test "npm's Node beside the installation is used before the one on PATH, which may be for an old project" {
  prefix=$BATS_TEST_TMPDIR/v24
  mkdir -p "$prefix/bin" "$prefix/lib/node_modules" "$BATS_TEST_TMPDIR/old"
  make_tree "$prefix/lib/node_modules/awsrole"
  ln -s ../lib/node_modules/awsrole/shell/awsrole "$prefix/bin/awsrole"
  printf '#!/bin/sh\necho too old; exit 1\n' >"$BATS_TEST_TMPDIR/old/node"
  chmod 755 "$BATS_TEST_TMPDIR/old/node"
  PATH=$BATS_TEST_TMPDIR/old:$PATH run -1 "$prefix/bin/awsrole" x
  [ "$output" = 'too old' ]
  ln -s "$(node -p process.execPath)" "$prefix/bin/node"
  PATH=$BATS_TEST_TMPDIR/old:$PATH run -0 "$prefix/bin/awsrole" x
  [[ $output == *"\"node\":\"$prefix/bin/node\""* ]]
}

@test "without any Node it says so, on standard error, status 1" {
  mkdir "$BATS_TEST_TMPDIR/empty"
  for recorded in absent /nowhere/node ''; do
    [ "$recorded" = absent ] || printf '%s\n' "$recorded" >"$tree/node-path"
    run -1 --separate-stderr env PATH="$BATS_TEST_TMPDIR/empty" "$tree/shell/awsrole" x
    [ -z "$output" ]
    [[ $stderr == 'awsrole: Node.js was not found.'*'Install Node.js'* ]]
  done
}

@test "the Node on PATH is too old: the core says so, status 1" {
  cp "$REPOSITORY"/dist/*.mjs "$tree/dist/"
  # shellcheck disable=SC2016 # the stand-in expands it
  printf '#!/bin/sh\nexec %q -r %q "$@"\n' "$(node -p process.execPath)" "$BATS_TEST_TMPDIR/old.cjs" >"$BATS_TEST_TMPDIR/node"
  chmod 755 "$BATS_TEST_TMPDIR/node"
  for version in 12.22.12 18.20.4 20.18.3 20.19.0 22.0.0; do
    echo "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '$version' } });" >"$BATS_TEST_TMPDIR/old.cjs"
    PATH=$BATS_TEST_TMPDIR:$PATH run --separate-stderr "$tree/shell/awsrole" --version
    case $version in
      20.19.0 | 22.0.0)
        [ "$status" -eq 0 ]
        [[ $output == [0-9]*.* ]]
        ;;
      *)
        [ "$status" -eq 1 ]
        [[ $stderr == "awsrole: Node.js $version is too old ("*').'*'20.19 or newer'* ]]
        ;;
    esac
  done
}

@test "a folder that is gone, and variables that are meant for other Nodes" {
  mkdir "$BATS_TEST_TMPDIR/gone"
  run -0 --separate-stderr bash -c 'cd "$1" && rmdir "$1" && NODE_OPTIONS=--no-such-option exec sh "$2" x' - "$BATS_TEST_TMPDIR/gone" "$tree/shell/awsrole"
  [[ $output == '{"argv":["x"]'* ]]
}

@test "without the core it says what to do, status 1" {
  rm "$tree/dist/cli.mjs"
  run -1 --separate-stderr "$tree/shell/awsrole" x
  [ -z "$output" ]
  [[ $stderr == *"$tree/dist/cli.mjs is missing"*install.sh* ]]
}

@test "the core's status and standard input are its own" {
  echo 'process.stdin.on("data", (d) => process.stdout.write(d)).on("end", () => process.exit(7))' >"$tree/dist/cli.mjs"
  run -7 sh -c 'printf code | "$1"' - "$tree/shell/awsrole"
  [ "$output" = code ]
}

@test "the ordinary way starts no process but Node" {
  need strace
  prefix="$BATS_TEST_TMPDIR/p"
  make_prefix "$prefix"
  printf '#!/bin/sh\n' >"$BATS_TEST_TMPDIR/node"
  chmod 755 "$BATS_TEST_TMPDIR/node"
  # A stand-in Node: the real one starts threads of its own.
  printf '%s\n' "$BATS_TEST_TMPDIR/node" >"$prefix/share/awsrole/node-path"
  for with in recorded PATH; do
    [ "$with" = recorded ] || rm "$prefix/share/awsrole/node-path"
    PATH=$BATS_TEST_TMPDIR:$PATH strace -f -o "$BATS_TEST_TMPDIR/trace" -e trace=process "$prefix/bin/awsrole" role101
    run -1 grep -E '(fork|clone3?)\(' "$BATS_TEST_TMPDIR/trace"
    grep -q "execve(\"$BATS_TEST_TMPDIR/node\"" "$BATS_TEST_TMPDIR/trace"
  done
}

@test "init: the root, then the file byte for byte, without Node" {
  rm "$tree/dist/cli.mjs"
  PATH=/usr/bin:/bin "$tree/shell/awsrole" init posix >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err"
  printf "__awsrole_root='%s'\n" "$tree" | cat - "$tree/shell/awsrole.sh" | cmp - "$BATS_TEST_TMPDIR/out"
  [ ! -s "$BATS_TEST_TMPDIR/err" ]
}

@test "init: bash, zsh and fish get the root they are loaded from, whatever its name" {
  need zsh
  need fish
  for name in "it's" "''" '$HOME' '$(touch x)' '`touch x`' 'back\slash' 'back\' "\\'" 'q"q' '!x' $'new\nline' '* ?' '%n'; do
    prefix="$BATS_TEST_TMPDIR/p/$name"
    make_prefix "$prefix"
    export LAUNCHER="$prefix/bin/awsrole"
    [ "$(bash -c 'eval "$("$LAUNCHER" init bash)"; printf "%s" "$ROOT"')" = "$prefix/share/awsrole" ]
    [ "$(bash -ic 'eval "$("$LAUNCHER" init bash)"; printf "%s" "$ROOT"' 2>/dev/null)" = "$prefix/share/awsrole" ]
    [ "$(zsh -fc 'eval "$("$LAUNCHER" init zsh)"; print -rn -- "$ROOT"')" = "$prefix/share/awsrole" ]
    [ "$(zsh -fo rcquotes -c 'eval "$("$LAUNCHER" init zsh)"; print -rn -- "$ROOT"')" = "$prefix/share/awsrole" ]
    [ "$(fish -c '$LAUNCHER init fish | source; printf %s "$ROOT"')" = "$prefix/share/awsrole" ]
  done
}

@test "init: what somebody has saved of it says that the files are gone, and no shell ends of that" {
  need zsh
  local options said="awsrole: it is gone from $tree; install it again, or take it out of your start-up files"
  "$tree/shell/awsrole" init bash >"$BATS_TEST_TMPDIR/saved.bash"
  "$tree/shell/awsrole" init zsh >"$BATS_TEST_TMPDIR/saved.zsh"
  mv "$tree" "$tree.gone"
  cd "$BATS_TEST_TMPDIR"
  for options in bash 'bash -eu' 'bash -e -o posix' 'zsh -f' 'zsh -feu' 'zsh -fe -o ignorebraces -o shglob'; do
    # shellcheck disable=SC2086 # several words
    run -0 --separate-stderr $options -c ". ./saved.${options%% *}; echo went on"
    [ "$output" = 'went on' ]
    [ "$stderr" = "$said" ]
    # shellcheck disable=SC2086 # several words
    run -0 $options -c "eval \"\$(cat saved.${options%% *})\" 2>&-; echo went on"
    [ "$output" = 'went on' ]
  done
}

@test "init: what it does not know, and PowerShell, goes to the core" {
  for arguments in '' powershell pwsh tcsh 'bash zsh' '../awsrole' 'bash/../bash'; do
    # shellcheck disable=SC2086 # several arguments
    run -0 "$tree/shell/awsrole" init $arguments
    [[ $output == '{"argv":["init"'* ]]
  done
}

@test "init: a shell that this version has no file for says so, status 2" {
  rm "$tree/shell/awsrole.fish"
  run -2 --separate-stderr "$tree/shell/awsrole" init fish
  [ -z "$output" ]
  [[ $stderr == *'no integration for fish'* ]]
}

@test "init --help goes to the core" {
  for arguments in '--help' '-h' 'bash --help'; do
    # shellcheck disable=SC2086 # several arguments
    run -0 "$tree/shell/awsrole" init $arguments
    [[ $output == '{"argv":["init",'* ]]
  done
}

@test "init into a pipe that is closed is silent; into a full disk it is not" {
  seq 100000 >>"$tree/shell/awsrole.sh"
  for ignored in '' "trap '' PIPE;"; do
    run -0 bash -c "$ignored"' "$1" init posix | head -n 1' - "$tree/shell/awsrole"
    [ "$output" = "__awsrole_root='$tree'" ]
  done
  [ -c /dev/full ] || skip 'no /dev/full'
  run -1 --separate-stderr sh -c '"$1" init posix >/dev/full' - "$tree/shell/awsrole"
  [[ $stderr == 'awsrole: the integration for posix could not be written.'* ]]
}

@test "init on a terminal has the core say where its output belongs" {
  need script
  export LAUNCHER="$tree/shell/awsrole"
  for name in zsh bash; do
    run -0 script -qec '"$LAUNCHER" init '"$name" /dev/null
    [[ $output == "__awsrole_root="*'{"argv":["init","'"$name"'"]'* ]]
  done
}

# answers_under SHELL...
answers_under() {
  run -0 "$@" "$tree/shell/awsrole" a b
  [[ $output == '{"argv":["a","b"]'* ]]
  run -0 "$@" "$tree/shell/awsrole" init zsh
  [ "${lines[0]}" = "__awsrole_root='$tree'" ]
}

@test "dash and bash run it alike" {
  need dash
  answers_under dash
  answers_under bash
  answers_under bash --posix
  answers_under bash --posix -p
}

@test "busybox and mksh run it too" {
  need busybox
  answers_under busybox sh
  need mksh
  answers_under mksh
}
