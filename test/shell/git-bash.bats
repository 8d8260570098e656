#!/usr/bin/env bats
# The bash wrapper where MSYSTEM says Git Bash: mintty gives a native program such as Node pipes instead of a terminal.

bats_require_minimum_version 1.5.0

load lib/sandboxed

setup_file() {
  start_world
  # A Node as Git Bash starts it: its standard streams are pipes, it has no terminal of its own, and ends lines with CRLF.
  local windows=$BATS_FILE_TMPDIR/windows-node
  cat >"$windows" <<END
#!/bin/sh
echo "\$2" >>"\$CORE_LOG"
folder=\$(mktemp -d)
mkfifo "\$folder/in" "\$folder/out" "\$folder/err"
exec 4<&0
cat <&4 >"\$folder/in" &
reader=\$!
sed "s/\\\$/\${END_OF_LINE-}/" <"\$folder/out" &
cat <"\$folder/err" >&2 &
trap 'kill "\$node"' INT
setsid $(printf %q "$(node -p process.execPath)") "\$@" <"\$folder/in" >"\$folder/out" 2>"\$folder/err" 4<&- &
node=\$!
wait "\$node"
status=\$?
kill "\$reader" 2>/dev/null
wait
exit "\$status"
END
  chmod 755 "$windows"
  printf '%s\n' "$windows" >"$PREFIX/share/awsrole/node-path"
}

setup() {
  use_shell bash
  make_home
  environment+=(MSYSTEM=MINGW64)
}

teardown() {
  if [ -n "${DRIVE_HOME-}" ]; then
    rm -r "$DRIVE_HOME"
    rmdir /c/Users /c 2>/dev/null || :
  fi
  end_test
}

KEYS='AWS_ACCESS_KEY_ID;AWS_SECRET_ACCESS_KEY;AWS_SESSION_TOKEN;AWSROLE_SHELL'

@test "a wrong code, then the right one, and neither is seen" {
  local code wrong
  open_terminal
  enter "$(code_dump before)"
  enter "stty -a >'$DUMPS/tty-before'"
  submit 'awsrole role101'
  wait_for '^MFA code for ' 1
  wrong=$(wrong_code)
  type_line "$wrong"
  wait_for 'AWS refused that code'
  wait_for '^MFA code for ' 2
  code=$(mfa_code)
  type_line "$code"
  # What is still read after the code, when the core has gone.
  press Enter
  finished
  [ "$status" -eq 0 ]
  not_on_screen "$code"
  not_on_screen "$wrong"
  wait_for "^role101: $ROLE/role101, us-east-1, "
  enter "stty -a >'$DUMPS/tty-after'"
  diff "$DUMPS/tty-before" "$DUMPS/tty-after"
  enter 'awsrole off'
  enter "$(code_dump after)"
  same_dumps before after
}

@test "Ctrl-C: status 130, the echo is back, nothing has changed" {
  open_terminal
  enter 'awsrole plain'
  enter "$(code_dump before)"
  enter "stty -a >'$DUMPS/tty-before'"
  type_line 'awsrole role101'
  wait_for '^MFA code for '
  type_text 123
  press C-c
  wait_for '^\(plain [0-9]+m\) ready> *$'
  type_line "$(code_status interrupted)"
  wait_for '^interrupted status 130$'
  enter "stty -a >'$DUMPS/tty-after'"
  diff "$DUMPS/tty-before" "$DUMPS/tty-after"
  enter "$(code_dump after)"
  same_dumps before after
  same_environment before after
}

@test "without a terminal: the end of input is status 4 at once" {
  run timeout 60 setsid -w env -i "${environment[@]}" "${start[@]}" <(
    code_prelude
    code_load
    code_awsrole role101
    code_status nobody
    echo "printf '%s\n' $(mfa_code) | { $(code_awsrole --mfa-code - role101); $(code_status piped); $(code_show AWSROLE_PROFILE); }"
  ) </dev/null
  has 'nobody status 4' 'piped status 0' 'AWSROLE_PROFILE exported role101'
  has_part 'the input ended'
}

@test "lines that end with CRLF" {
  environment+=('END_OF_LINE=\r')
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_status plain)
$(code_dump held)
$(code_awsrole external)
$(code_awsrole off)
$(code_status off)
END
  has 'plain status 0' 'off status 0'
  [ "$(variable held AWS_REGION)" = eu-west-1 ]
  run grep -c $'\r' "$DUMPS/held.env"
  [ "$output" = 0 ]
}

@test "the session file of PowerShell is Git Bash's, and another home's is not" {
  # A folder like a drive can only be made by root; else the key alone is tested.
  local home=/c/Users/awsrole-test.$$ text counts=''
  if ! mkdir -p "$home" 2>/dev/null; then
    environment+=(HOME=/c/Users/u)
    run_shell <<END
$(code_load)
__awsrole_key
echo "key \$key"
END
    has 'key C:\Users\u|C:\Users\u/.aws/config|C:\Users\u/.aws/credentials|'"$STS"
    return
  fi
  DRIVE_HOME=$home
  local cached=$home/.cache/awsrole/shell/s-plain.session
  cp -Rp "$HOME_FOLDER/.aws" "$home/"
  environment+=("HOME=$home")
  windows_switch() {
    : >"$CORE_LOG"
    run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_status switch)
$(code_show AWSROLE_PROFILE)
END
    has 'switch status 0' 'AWSROLE_PROFILE exported plain'
    counts+=" $(core_starts)"
  }
  # Lines are made by the core of this system; their key is then written as Windows' core writes it.
  environment+=(MSYSTEM=)
  windows_switch
  unset 'environment[-1]'
  for text in 'C:\\Users\\' 'c:\\Users\\' 'D:\\Users\\' '/c/Users/'; do
    text+=${home##*/}
    sed -i "s#^for .*#for $text|$text/.aws/config|$text/.aws/credentials|$STS#" "$cached"
    windows_switch
  done
  [ "$counts" = ' 1 0 1 1 1' ] || { echo "$counts" && return 1; }
}

@test "the keys are kept from path conversion, from loading on" {
  run_shell <<END
$(code_load)
$(code_load)
$(code_show MSYS2_ENV_CONV_EXCL)
$(code_dump before)
$(code_awsrole plain)
$(code_show MSYS2_ENV_CONV_EXCL)
$(code_awsrole off)
$(code_dump after)
END
  [ "$(grep -Fxc "MSYS2_ENV_CONV_EXCL exported $KEYS" <<<"$output")" = 2 ]
  same_dumps before after
  environment+=('MSYS2_ENV_CONV_EXCL=MINE;OTHER')
  run_shell <<END
$(code_load)
$(code_show MSYS2_ENV_CONV_EXCL)
END
  has "MSYS2_ENV_CONV_EXCL exported MINE;OTHER;$KEYS"
}

@test "sessions are looked for in LOCALAPPDATA" {
  local folder=$BATS_TEST_TMPDIR/local
  run_shell <<END
$(code_load)
$(code_awsrole plain)
END
  mkdir "$folder"
  mv "$CACHE" "$folder/"
  : >"$CORE_LOG"
  # As Windows writes it.
  environment+=("LOCALAPPDATA=${folder//\//\\}")
  run_shell <<END
$(code_load)
$(code_awsrole plain)
$(code_show AWSROLE_PROFILE)
END
  has 'AWSROLE_PROFILE exported plain'
  [ "$(core_starts)" = 0 ]
}
