#!/usr/bin/env bats
# What packages and plugin managers load, in shells that have not loaded awsrole otherwise.
# shellcheck disable=SC2016,SC2034 # code for other shells stands in quotes, and the library reads SHELLS

bats_require_minimum_version 1.5.0

load lib/sandboxed
load lib/completing

setup() {
  make_home
  FILES=$PREFIX/share/awsrole/shell
  : >"$BATS_TEST_TMPDIR/completed"
  environment+=("PATH=$PREFIX/bin:$PATH" "BATS_COMPLETED=$BATS_TEST_TMPDIR/completed" "FILES=$FILES")
}

# ---- completion

# What a package makes a shell read; then the line's words are only written down.
open_completing() {
  case $shell in
    bash) code_load() { echo 'source "$FILES/completions/awsrole.bash"'; } ;;
    zsh) code_load() { echo 'fpath=("$FILES/completions" $fpath); autoload -Uz compinit; compinit -u -D'; } ;;
    fish) code_load() { echo 'source $FILES/completions/awsrole.fish'; } ;;
  esac
  open_terminal
  if [ "$shell" = fish ]; then
    enter 'function awsrole; begin; printf "<%s>" $argv; echo; end >>$BATS_COMPLETED; end'
  else
    enter 'awsrole() { { printf "<%s>" "$@"; echo; } >>"$BATS_COMPLETED"; }'
  fi
  number=0
}

SHELLS=(bash zsh fish)

in_each_shell 'a completion file of a package asks the core' package_completes
package_completes() {
  local name
  for name in 'sp ace' "it's one" 'co:lon:x' '$(touch x)' '`touch x`' 'qu*r[a]?'; do profile "$name" plain; done
  open_completing
  completes 'awsrole role101' '<role101>'
  completes 'awsrole ext' '<external>'
  completes 'awsrole who' '<whoami>'
  completes 'awsrole --ref' '<--refresh>'
  completes 'awsrole ext --dry' '<ext><--dry-run>'
  completes 'awsrole exec ext' '<exec><external>'
  completes 'awsrole clear ext' '<clear><external>'
  completes 'awsrole --source-profile=user1' '<--source-profile=user101>'
  completes "awsrole ext --policy $HOME_FOLDER/.aws/cred" "<ext><--policy><$HOME_FOLDER/.aws/credentials>"
  completes "awsrole exec ext -- ls $HOME_FOLDER/.aws/cred" "<exec><ext><--><ls><$HOME_FOLDER/.aws/credentials>"
  completes 'awsrole sp' '<sp ace>'
  completes 'awsrole it' "<it's one>"
  completes 'awsrole co:l' '<co:lon:x>'
  completes 'awsrole \$' '<$(touch x)>'
  completes 'awsrole \`' '<`touch x`>'
  completes 'awsrole qu' '<qu*r[a]?>'
}

@test "zsh: where awsrole is loaded, the completion of a package leaves the answer to it" {
  use_shell zsh
  open_terminal
  enter 'fpath=("$FILES/completions" $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[awsrole]'
  wait_for '^_awsrole$'
  enter '__awsrole_complete() { compadd answered; }'
  type_text 'print awsrole; awsrole ans'
  press Tab
  wait_for 'awsrole answered'
}

@test "fish: where awsrole is loaded, the completion of a package does nothing" {
  use_shell fish
  run_shell <<<"$(code_load); complete awsrole >$BATS_TEST_TMPDIR/before; source \$FILES/completions/awsrole.fish; complete awsrole >$BATS_TEST_TMPDIR/after"
  [ "$status" -eq 0 ]
  diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

# ---- plugin managers

# plugin_loads FILE: a shell that reads it has awsrole, from the folder of the installation.
plugin_loads() {
  run_shell <<END
$(case $shell in fish) echo "source $(quote "$1")" ;; *) echo ". $(quote "$1")" ;; esac)
$(code_awsrole plain)
builtin echo "from \$__awsrole_root"
END
  [ "$status" -eq 0 ]
  has "from $PREFIX/share/awsrole"
  has_part 'plain: arn:aws:iam::123456789012:role/plain'
}

@test "zsh: the plugin loads what lies beside it, through a link, without awsrole on PATH" {
  use_shell zsh
  environment+=("PATH=$PATH")
  ln -s "$FILES/plugins" "$BATS_TEST_TMPDIR/it's a plugin"
  plugin_loads "$BATS_TEST_TMPDIR/it's a plugin/awsrole.plugin.zsh"
}

in_each_shell 'the plugin of a clone, which is not built, loads the awsrole that is on PATH' plugin_of_clone
plugin_of_clone() {
  local file
  mkdir -p "$BATS_TEST_TMPDIR/clone/shell"
  cp -R "$FILES/plugins" "$BATS_TEST_TMPDIR/clone/shell/"
  case $shell in
    fish) file=conf.d/awsrole.fish start+=(-i) ;;
    *) file=awsrole.plugin.$shell ;;
  esac
  plugin_loads "$BATS_TEST_TMPDIR/clone/shell/plugins/$file"
}

in_each_shell 'the plugin of a clone says nothing where there is no awsrole' plugin_alone
plugin_alone() {
  local file
  environment+=("PATH=$PATH")
  mkdir -p "$BATS_TEST_TMPDIR/clone/shell"
  cp -R "$FILES/plugins" "$BATS_TEST_TMPDIR/clone/shell/"
  case $shell in
    fish) file=conf.d/awsrole.fish start+=(-i) ;;
    *) file=awsrole.plugin.$shell ;;
  esac
  run_shell <<<". $(quote "$BATS_TEST_TMPDIR/clone/shell/plugins/$file")"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

# ---- open shells while awsrole is updated

SHELLS=(bash zsh fish powershell)

# As npm puts it below a version manager's folder of a Node.js.
install_below() {
  mkdir -p "$1/lib/node_modules" "$1/bin"
  cp -R "$PREFIX/share/awsrole" "$1/lib/node_modules/"
  ln -s ../lib/node_modules/awsrole/shell/awsrole "$1/bin/awsrole"
}

in_each_shell 'an open shell goes on where an update has put awsrole elsewhere' goes_on
goes_on() {
  local old=$BATS_TEST_TMPDIR/v22 new=$BATS_TEST_TMPDIR/v24
  install_below "$new"
  cp -R "$new" "$old"
  integration=$old/lib/node_modules/awsrole/shell/awsrole.$extension
  environment+=("PATH=$new/bin:$PATH")
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_awsrole status)
$(case $shell in powershell) echo "& rm -r $(quote "$old")" ;; *) echo "command rm -r $(quote "$old")" ;; esac)
$(code_awsrole external)
$(code_status other)
$(code_awsrole plain)
$(code_show AWSROLE_PROFILE)
$(code_awsrole exec external -- sh -c 'echo "command in $AWSROLE_PROFILE"')
$(code_awsrole off)
$(code_show AWSROLE_PROFILE)
END
  [ "$status" -eq 0 ]
  has 'other status 0' 'AWSROLE_PROFILE exported plain' 'command in external' 'AWSROLE_PROFILE unset'
}

in_each_shell 'a core that speaks a newer version of the session lines: a new shell is asked for, and nothing is changed' newer_core
newer_core() {
  local tree=$BATS_TEST_TMPDIR/new
  install_below "$tree"
  integration=$tree/lib/node_modules/awsrole/shell/awsrole.$extension
  cat >"$BATS_TEST_TMPDIR/node" <<'END'
#!/bin/sh
[ "$2" = session-lines ] || exit 0
printf '%s\n' 'awsrole-session 3 plain' 'for new' 'says it all' AWS_ACCESS_KEY_ID=ASIANEW end
END
  chmod 755 "$BATS_TEST_TMPDIR/node"
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_show AWSROLE_PROFILE AWSROLE_NAMES)
$(case $shell in powershell) echo "[IO.File]::WriteAllText($(quote "$tree/lib/node_modules/awsrole/node-path"), $(quote "$BATS_TEST_TMPDIR/node"))" ;; *) echo "command sh -c 'echo \"\$1\" >\"\$2\"' sh $(quote "$BATS_TEST_TMPDIR/node") $(quote "$tree/lib/node_modules/awsrole/node-path")" ;; esac)
$(code_awsrole external)
$(code_status newer)
$(code_show AWSROLE_PROFILE AWS_ACCESS_KEY_ID)
END
  has_part 'of another version, so nothing was changed; open a new shell'
  has 'newer status 1' 'AWSROLE_PROFILE exported plain'
  has_no ASIANEW 'syntax error'
}

@test "PowerShell: an awsrole that is removed before its first use says so, and runs nothing behind" {
  use_shell powershell
  install_below "$BATS_TEST_TMPDIR/v22"
  integration=$BATS_TEST_TMPDIR/v22/lib/node_modules/awsrole/shell/awsrole.ps1
  run_shell <<END
$(code_load)
& rm -r $(quote "$BATS_TEST_TMPDIR/v22")
awsrole plain && echo behind
END
  has_part 'the awsrole of this shell is gone' 'open a new shell'
  has_no behind 'is not recognized'
}
