#!/usr/bin/env bats
# shellcheck disable=SC2016 # the dollars are PowerShell's
# What only PowerShell has: how words reach a function, $? beside $LASTEXITCODE, pipes of objects, its prompt function,
# its completion, and installation by install.ps1. What it does like the other shells is in scenario.bats.

bats_require_minimum_version 1.5.0

load lib/sandboxed

setup() {
  use_shell powershell
  make_home
}

# powershell: runs the code on standard input in a shell that is loaded.
powershell() {
  { code_load && cat; } >"$BATS_TEST_TMPDIR/code"
  run_shell <"$BATS_TEST_TMPDIR/code"
}

# ---- words

@test 'words reach a command as they were typed' {
  powershell <<'END'
$variable = 'in a variable'
$two = 'one', 'two'
awsrole exec plain -- printf '<%s>' 012345678901 1e3 0x10 5d a,b 1,02 -v -d:x -e:012 - --mfa-code '--' 'q"q' "it's" '' '\' 'a b\' $variable $two $true (1 + 1) '$HOME' `
  -z
echo
1 | awsrole exec plain -- printf '<%s>' -v
echo
if ($true) { awsrole exec plain -- printf '<%s>' 007 }; echo
& awsrole exec plain -- printf '<%s>' a:b@c,d
echo
END
  has '<012345678901><1e3><0x10><5d><a,b><1,02><-v><-d:x><-e:012><-><--mfa-code><--><q"q><it'\''s><><\><a b\><in a variable><one><two><True><2><$HOME><-z>'
  has '<-v>' '<007>' '<a:b@c,d>'
}

@test 'words that went through another function are still words' {
  powershell <<'END'
function role { awsrole @args }
role exec plain -- printf '<%s>' -v 012
echo
role exec --refresh plain '--' printf '<%s>' -x
echo
role '--' plain
test_show AWSROLE_PROFILE
END
  has '<-v><012>' '<-x>' 'AWSROLE_PROFILE exported plain'
}

@test 'a profile that is a number, or named like a command or an option, can be had' {
  profile 012345678901 plain
  profile 1e3 plain
  profile list plain
  profile -v plain
  profile a,b plain
  powershell <<'END'
foreach ($number in 1, 2) {
  awsrole 012345678901
  test_show AWSROLE_PROFILE
  awsrole 1e3
  test_show AWSROLE_PROFILE
  awsrole a,b
  test_show AWSROLE_PROFILE
  awsrole -- list
  test_show AWSROLE_PROFILE
  awsrole '--' -v
  test_show AWSROLE_PROFILE
}
END
  for name in 012345678901 1e3 a,b list -v; do
    [ "$(grep -Fxc -- "AWSROLE_PROFILE exported $name" <<<"$output")" = 2 ] || { echo "$name: $output" && return 1; }
  done
}

@test 'a child shell goes back to a profile that is named like a command or an option' {
  local name
  for name in list -v; do
    profile "$name" plain
    powershell <<END
awsrole '--' $name
& '$program' -NoProfile -Command ". $(quote "$integration"); awsrole plain; awsrole -; 'child ' + \`\$env:AWSROLE_PROFILE"
END
    has "child $name"
  done
}

# ---- what a command says of its end

@test 'a failure is seen by $?, $LASTEXITCODE, && and ||; one of a native command is thrown where those are' {
  for preferences in '' 'Set-StrictMode -Version Latest; $ErrorActionPreference = "Stop"; $PSNativeCommandUseErrorActionPreference = $true'; do
    powershell <<END
$preferences
\$Error.Clear()
awsrole plain; "switched \$? \$LASTEXITCODE"
awsrole nobody; "failed \$? \$LASTEXITCODE"
awsrole nobody && 'and is wrong'
awsrole nobody || 'or is right'
awsrole plain && 'and is right'
try { awsrole exec plain -- sh -c 'exit 42'; "exec \$? \$LASTEXITCODE" } catch { "thrown \$LASTEXITCODE \$_"; \$Error.Clear() }
awsrole --nonsense; "usage \$? \$LASTEXITCODE"
awsrole list | ForEach-Object { }; "list \$? \$LASTEXITCODE"
awsrole off; "off \$? \$LASTEXITCODE"
"errors \$(\$Error.Count)"
END
    has 'switched True 0' 'failed False 3' 'or is right' 'and is right' 'usage False 2' 'list True 0' 'off True 0' 'errors 0'
    has_no 'and is wrong'
    if [ -n "$preferences" ]; then has_part 'thrown 42 Program'; else has 'exec False 42'; fi
  done
}

@test 'where the engine is not built as expected, everything but $? and && still works' {
  powershell <<'END'
awsrole off
& (Get-Module awsrole) { function script:__awsrole_inside { } }
awsrole plain
test_show AWSROLE_PROFILE
awsrole nobody
"failed $LASTEXITCODE"
awsrole list | ForEach-Object { "<$_>" }
END
  has 'AWSROLE_PROFILE exported plain' 'failed 3'
  has_part '<PROFILE '
}

@test 'what the core prints can be kept, piped and redirected' {
  profile 'ünïcode' plain
  powershell <<END
\$list = awsrole list
"kept \$(\$list.Count -gt 5) \$(@(\$list -match 'ünïcode').Count)"
awsrole list | ForEach-Object { if (\$_ -match '^plain') { 'piped' } }
awsrole list > '$BATS_TEST_TMPDIR/list'
"a", "b" | awsrole exec plain -- cat | ForEach-Object { "<\$_>" }
(awsrole exec plain -- sh -c 'echo "in \$AWSROLE_PROFILE"') + '!'
END
  has 'kept True 1' 'piped' '<a>' '<b>' 'in plain!'
  grep -q '^plain ' "$BATS_TEST_TMPDIR/list"
}

@test 'what awsrole says goes where PowerShell is told to put it, and is no error' {
  powershell <<'END'
$null = Start-Transcript transcript
awsrole plain
awsrole external
awsrole nobody
$null = Stop-Transcript
awsrole plain 2>$null
awsrole nobody 2>$null
awsrole off 2>said
$text = awsrole plain 2>&1
"<$text>"
awsrole nobody *> all
function hidden { awsrole external }
hidden 2>$null
"errors $($Error.Count)"
END
  cd "$WORK"
  grep -q "^plain: $ROLE/plain" transcript
  grep -q "^external: $ROLE/external" transcript
  [ "$(grep -c 'there is no profile "nobody"' transcript)" = 1 ]
  grep -q 'there is no profile "nobody"' all
  [ "$(cat said)" = 'left plain: the shell is as it was before' ] || {
    cat -A said
    return 1
  }
  [ "$(grep -c "^plain: $ROLE/plain" <<<"$output")" = 1 ]
  [ "$(grep -c "^external: $ROLE/external" <<<"$output")" = 1 ]
  [ "$(grep -c 'there is no profile "nobody"' <<<"$output")" = 1 ]
  has_part "<plain: $ROLE/plain, eu-west-1, "
  has 'errors 0'
  rm transcript all said
}

@test 'exec is redirected and stopped like any native command' {
  local round
  for round in '' 'awsrole external'; do
    powershell <<END
$round
awsrole exec plain -- printf '\141\377\142' > bytes
awsrole exec plain -- printf '\377' >> bytes
awsrole exec plain -- sh -c 'echo out; echo err >&2' *> both
awsrole exec plain -- sh -c 'echo out; echo err >&2' 2> errors
awsrole exec plain -- sh -c 'while echo line; do sleep 0.05; done; touch went-on' | Select-Object -First 1
"held <\$env:AWSROLE_PROFILE> <\$env:AWSROLE_SHELL>"
END
    cd "$WORK"
    [ "$(od -An -tx1 bytes | tr -d ' ')" = 61ff62ff ]
    [ "$(sort both | tr '\n' ' ')" = 'err out ' ]
    [ "$(cat errors)" = err ]
    [ "$(grep -c '^line$' <<<"$output")" = 1 ]
    has "held <${round#awsrole }> <>"
    rm bytes both errors
  done
}

@test 'what people know from cmdlets is understood' {
  powershell <<'END'
awsrole plain -WhatIf | ForEach-Object { if ($_ -match '^The shell would hold') { 'dry run' } }
"held <$env:AWSROLE_PROFILE> $LASTEXITCODE"
awsrole plain -verbose 2>&1 | ForEach-Object { if ($_ -match '\[\d+ ms\]') { 'verbose' } }
awsrole exec plain -- printf '<%s>' -WhatIf -Verbose
echo
(Get-Help awsrole).Synopsis
awsrole -? | ForEach-Object { if ($_ -match 'awsrole --help') { 'help' } }
function f { awsrole $args }
f exec plain -- printf '<%s>' one two
echo
f plain --region us-east-2
"region $env:AWS_REGION"
END
  has 'dry run' 'held <> 0' 'verbose' 'Switches this shell to the role of an AWS profile.' 'region us-east-2'
  has_part '<-WhatIf><-Verbose>' '<one><two>'
  run env -C "$WORK" -i "${environment[@]}" "${start[@]}" <(
    code_load
    echo '(awsrole -? | Out-String) -match "awsrole --help"'
  )
  has True
}

@test 'list marks the profile that this shell holds' {
  powershell <<'END'
awsrole plain
awsrole list plain
END
  grep -q '^plain \*' <<<"$output"
}

@test 'list is run as before the first switch, and told of the profile; what is about this shell, as it is' {
  mv "$PREFIX/share/awsrole/node-path" "$BATS_TEST_TMPDIR/node-path"
  printf '#!/bin/sh\necho "$2 <$AWS_REGION> <$AWSROLE_PROFILE> <$AWSROLE_HELD> <$AWSROLE_NAMES> <$AWSROLE_LOADED>"\n' >"$BATS_TEST_TMPDIR/node"
  chmod 755 "$BATS_TEST_TMPDIR/node"
  powershell <<END
\$env:AWS_REGION = 'before'
awsrole plain
[IO.File]::WriteAllText($(quote "$PREFIX/share/awsrole/node-path"), '$BATS_TEST_TMPDIR/node')
awsrole list
awsrole explain
(awsrole doctor) -replace '<AWS_ACC.*> <', '<names> <'
"after <\$env:AWS_REGION> <\$env:AWSROLE_PROFILE> <\$env:AWSROLE_HELD> <\$env:AWSROLE_LOADED>"
END
  mv "$BATS_TEST_TMPDIR/node-path" "$PREFIX/share/awsrole/node-path"
  has 'list <before> <> <plain> <> <>' 'explain <before> <> <plain> <> <>' \
    'doctor <eu-west-1> <plain> <> <names> <powershell 0.1.0>' 'after <eu-west-1> <plain> <> <>'
}

@test 'at a terminal: awsrole demo opens a PowerShell' {
  open_terminal
  type_line 'awsrole demo'
  wait_for '^demo> *$'
  type_line 'exit'
  wait_for '^ready> *$'
}

@test 'what runs behind a pipe is in the role of the shell, not in the one of exec' {
  powershell <<'END'
awsrole plain
awsrole exec external -- sh -c 'echo $AWSROLE_PROFILE' | ForEach-Object { "$_ $(sh -c 'echo $AWSROLE_PROFILE')" }
END
  has 'external plain'
}

@test "the core runs in the shell's folder, which is not the one of the process" {
  mkdir "$BATS_TEST_TMPDIR/elsewhere"
  powershell <<END
cd '$BATS_TEST_TMPDIR/elsewhere'
awsrole exec plain -- pwd
END
  has "$BATS_TEST_TMPDIR/elsewhere"
}

@test 'Ctrl-C ends what exec runs: status 130, and the shell is as it was' {
  open_terminal
  enter "$(code_awsrole plain)"
  enter "$(code_dump before)"
  type_line "awsrole exec external -- sh -c 'echo started; exec sleep 100'"
  wait_for '^started'
  press C-c
  wait_for '^\(plain [0-9]+m\) ready> *$'
  type_line '"then $LASTEXITCODE"'
  wait_for '^then 130'
  enter "$(code_dump after)"
  same_environment before after
}

@test 'Ctrl-C that comes when what exec runs is just over leaves the shell as it was, too' {
  open_terminal
  enter "$(code_awsrole plain)"
  enter "$(code_dump before)"
  # It takes time to put the role back, so that the key comes meanwhile.
  enter '& (Get-Module awsrole) { $script:real = ${function:__awsrole_put}; $script:slow = $true; function script:__awsrole_put($all) { if (-not $env:AWSROLE_PROFILE -and $script:slow) { $script:slow = $false; [Console]::WriteLine("putting back"); Start-Sleep 60 }; & $script:real $all } }'
  type_line "awsrole exec external -- sh -c 'echo started'"
  wait_for '^putting back'
  press C-c
  wait_for '^\(plain [0-9]+m\) ready> *$'
  enter "$(code_dump after)"
  same_environment before after
}

# ---- the prompt

# Runs code and shows the prompt after it as `[prompt]`, without colours.
code_prompted() { echo "$1; [Console]::Out.WriteLine('[' + ((prompt) -replace '\x1b\[\d*m') + ']')"; }

held() { code_export AWSROLE_EXPIRES "$(($(date +%s) + $1))"; }

@test 'the prompt shows the role while the shell holds it' {
  powershell <<END
function prompt { 'mine> ' }
$(code_prompted 'awsrole plain')
$(code_prompted "$(held 6000)")
$(code_prompted "$(held 5939)")
$(code_prompted "$(held 43195)")
$(code_prompted "$(held 118)")
$(code_prompted "$(held 0)")
$(code_prompted "$(code_export AWS_PROFILE other)")
$(code_prompted "$(code_unset AWS_PROFILE); $(code_export AWS_ACCESS_KEY_ID AKIAOTHER)")
$(code_prompted 'awsrole user101')
$(code_prompted "$(code_export AWSROLE_PROMPT off)")
$(code_prompted "$(code_export AWSROLE_PROMPT on)")
$(code_prompted 'awsrole plain')
$(code_prompted "$(code_export AWSROLE_PROMPT_FORMAT '%p|%r|%a|%%|%x|%T|%')")
$(code_prompted 'awsrole off')
END
  local expected='[(plain 60m) mine> ]
[(plain 1h40m) mine> ]
[(plain 99m) mine> ]
[(plain 12h00m) mine> ]
[(plain 2m) mine> ]
[(plain EXPIRED) mine> ]
[(plain?) mine> ]
[(plain?) mine> ]
[(user101 keys) mine> ]
[mine> ]
[(user101 keys) mine> ]
[(plain 60m) mine> ]
[plain|eu-west-1|123456789012|%|%x|%T|%mine> ]
[mine> ]'
  diff <(grep '^\[' <<<"$output") - <<<"$expected"
}

@test 'long-lived keys are yellow, and keys in a format; nothing raw reaches the terminal' {
  powershell <<END
function prompt { '> ' }
function test_prompt { [Console]::Out.WriteLine('[' + ((prompt) -replace [char]27, 'ESC' -replace [char]7, 'BEL') + ']') }
awsrole user101; test_prompt
$(code_export AWSROLE_EXPIRES 0); test_prompt
$(code_export AWS_SESSION_TOKEN token); test_prompt
$(code_unset AWS_SESSION_TOKEN)
[Environment]::SetEnvironmentVariable('AWSROLE_PROMPT_FORMAT', "%p|%t|%r|\$([char]27)[31m|")
[Environment]::SetEnvironmentVariable('AWS_REGION', "x\$([char]27)]0;t\$([char]7)"); test_prompt
[Environment]::SetEnvironmentVariable('AWSROLE_PROFILE', "evil\$([char]27)[2J\$([char]0x202e)"); test_prompt
awsrole off
END
  has '[ESC[33m(user101 keys) ESC[0m> ]' '[ESC[36m(user101) ESC[0m> ]' '[ESC[33muser101|keys|x?]0;t?|?[31m|ESC[0m> ]' \
    '[ESC[33mevil?[2J?|keys|x?]0;t?|?[31m|ESC[0m> ]' 'left evil?[2J?: the shell is as it was before'
}

@test 'off gives the prompt back, and it sees what it saw before' {
  powershell <<'END'
$prefix = 'mine'
${function:prompt} = [scriptblock]::Create('"$prefix $ErrorActionPreference> "')
$before = ${function:prompt}.ToString()
awsrole plain
[Console]::Out.WriteLine((prompt) -replace '\x1b\[\d*m')
awsrole off
"same $($before -ceq ${function:prompt}.ToString())"
END
  has '(plain 60m) mine Continue> ' 'same True'
}

@test 'the prompt is wrapped once, whatever becomes of it' {
  powershell <<END
$(code_load)
awsrole plain
$(code_prompted "function prompt { 'new> ' }")
$(code_prompted 'awsrole plain')
\$older = \${function:prompt}
$(code_prompted 'function prompt { "outer " + (& $older) }; awsrole plain; awsrole plain')
$(code_load)
$(code_prompted "function prompt { \"\`n\`r\`nbelow> \" }; awsrole plain")
$(code_prompted 'function prompt { }; awsrole plain')
function prompt { throw 'broken' }; awsrole plain; try { prompt } catch { }
$(code_prompted "function prompt { 'healed> ' }; awsrole plain")
$(code_prompted 'New-Module -Name starship -ScriptBlock { function global:prompt { "star> " } } | ForEach-Object { }; awsrole plain')
$(code_prompted "$(code_export AWSROLE_PROMPT on)")
"wrapped \$(& (Get-Module awsrole) { \$script:prompts.Count })"
END
  has 'wrapped 8' '[new> ]' '[(plain 60m) new> ]' '[(plain 60m) outer new> ]' '(plain 60m) below> ]' '[(plain 60m) PS>]' \
    '[(plain 60m) healed> ]' '[(plain 60m) star> ]'
  has_no '[star> ]'
}

@test 'a prompt that is readonly stays as it is, and the switch succeeds' {
  powershell <<END
Set-Item function:prompt { 'mine> ' } -Options ReadOnly
$(code_prompted 'awsrole plain; "switched $?"')
$(code_prompted 'awsrole off; "left $?"')
Set-Item function:prompt { 'mine> ' } -Options None -Force
$(code_prompted 'awsrole plain')
Set-Item function:prompt \${function:prompt} -Options ReadOnly -Force
$(code_prompted 'awsrole off; "left it $?"')
"errors \$(\$Error.Count)"
END
  has 'switched True' 'left True' 'left it True' 'errors 0' '[(plain 60m) mine> ]'
  [ "$(grep -c '^\[mine> \]$' <<<"$output")" = 3 ]
}

@test 'a module that was loaded anew shows the role once, also where a prompt of somebody else calls the first one' {
  powershell <<END
function prompt { 'mine> ' }
awsrole plain
\$older = \${function:prompt}
function prompt { 'outer ' + (& \$older) }
Import-Module $(quote "${integration%.ps1}.psd1") -Force
$(code_prompted '$null')
$(code_prompted 'awsrole plain')
END
  has '[outer mine> ]' '[(plain 60m) outer mine> ]'
}

@test 'profile names are text in the prompt' {
  local name='$(touch x)`touch x`%s\e[31m"'
  profile "$name" plain
  powershell <<END
function prompt { '> ' }
$(code_prompted "$(code_awsrole -- "$name")")
END
  has "[($name 60m) > ]"
}

@test 'at a terminal: the prompt keeps $? and $LASTEXITCODE, has colours, and none where none are wanted' {
  open_terminal
  enter "$(code_awsrole plain)"
  type_line 'function prompt { "[$? $LASTEXITCODE] " }; awsrole plain'
  wait_for '^\(plain [0-9]+m\) \[True 0\]'
  type_line 'sh -c "exit 3"'
  wait_for '^\(plain [0-9]+m\) \[False 3\]'
  type_line '"then $? $LASTEXITCODE"'
  wait_for '^then False 3'
  tmux_ capture-pane -p -e | grep -q $'\e\\[36m(plain'
  type_line "$(held 538)"
  wait_for '^\(plain 9m\)'
  tmux_ capture-pane -p -e | grep -q $'\e\\[33m(plain 9m'
  type_line "$(held -1)"
  wait_for '^\(plain EXPIRED\)'
  tmux_ capture-pane -p -e | grep -q $'\e\\[31m(plain EXPIRED'
  type_line "$(code_export NO_COLOR 1); $(held 240)"
  wait_for '^\(plain 4m\)'
  tmux_ capture-pane -p -e | grep '(plain 4m)' | grep -q $'\e\\[3[0-8]m' && return 1
  return 0
}

@test 'past renew-after a prompt takes what another terminal has renewed, and nothing else' {
  local later=$(($(date +%s) + 5000))
  cat >"$BATS_TEST_TMPDIR/renew" <<END
s/^times .*/times $later $later/
s/^AWSROLE_EXPIRES=.*/AWSROLE_EXPIRES=$later/
s/^(AWS|AWSROLE)_ACCESS_KEY_ID=.*/\1_ACCESS_KEY_ID=ASIARENEWED/
END
  powershell <<END
function prompt { '> ' }
awsrole plain
& (Get-Module awsrole) { \$script:renew = 1 }
$(code_prompted '$null')
"same \$(\$env:AWS_ACCESS_KEY_ID -cne 'ASIARENEWED')"
sed -i -E -f '$BATS_TEST_TMPDIR/renew' '$(session_file plain)'
$(code_prompted "$(code_export AWS_PROFILE other)")
"lying \$(\$env:AWS_ACCESS_KEY_ID -cne 'ASIARENEWED')"
$(code_unset AWS_PROFILE)
$(code_prompted "$(code_export AWSROLE_ROLE_ARN another)")
"other role \$(\$env:AWS_ACCESS_KEY_ID -cne 'ASIARENEWED')"
$(code_export AWSROLE_ROLE_ARN "$ROLE/plain")
$(code_prompted '$null')
"renewed \$(\$env:AWS_ACCESS_KEY_ID) \$(& (Get-Module awsrole) { \$script:renew })"
# Of a user's MFA session the device tells whose it is.
$(code_unset AWSROLE_ROLE_ARN)
sed -i -E 's|^AWSROLE_ROLE_ARN=.*|AWSROLE_MFA_SERIAL=$DEVICE|; s/ASIARENEWED/ASIAOFUSER/; s/^(times) .*/\1 $((later + 1)) $((later + 1))/' '$(session_file plain)'
& (Get-Module awsrole) { \$script:renew = 1 }
$(code_prompted "$(code_export AWSROLE_MFA_SERIAL another)")
"other device \$(\$env:AWS_ACCESS_KEY_ID)"
$(code_prompted "$(code_export AWSROLE_MFA_SERIAL "$DEVICE")")
"user \$(\$env:AWS_ACCESS_KEY_ID)"
awsrole off
test_show AWS_ACCESS_KEY_ID
END
  has 'same True' 'lying True' 'other role True' "renewed ASIARENEWED $later" 'other device ASIARENEWED' 'user ASIAOFUSER' '[(plain 60m) > ]' '[(plain 84m) > ]' \
    'AWS_ACCESS_KEY_ID unset'
}

# ---- completion

# Prints what each command line on standard input completes to, as `LINE => WORDS`.
completes() {
  local line
  {
    echo 'function test_complete($line) {'
    echo '  $found = [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null)'
    echo '  echo "$line=> $(@($found.CompletionMatches | ForEach-Object { $_.CompletionText }) -join " ")"'
    echo '}'
    while IFS= read -r line; do echo "test_complete $(quote "$line")"; done
  } >"$BATS_TEST_TMPDIR/lines"
  powershell <"$BATS_TEST_TMPDIR/lines"
}

@test 'Tab completes profiles, commands and options' {
  local flags='--help --version --debug --refresh --yes --mfa-code --source-profile --region --duration --session-name'
  flags+=' --external-id --mfa-serial --no-mfa --source-identity --tag --transitive-tag --policy --policy-arn'
  profile "it's \$(touch x)" plain
  profile list plain
  profile -dash plain
  completes <<'END'
awsrole role
awsrole rol102
awsrole ex
awsrole o
awsrole -
awsrole --r
awsrole list --
awsrole it
awsrole "it
awsrole -- li
awsrole '--' '-d
awsrole clear ext
awsrole exec pla
awsrole exec list
awsrole exec plain --
awsrole exec --refresh pla
awsrole exec plain -- Get-Comman
awsrole exec plain -- awsrole whoa
awsrole init 
awsrole demo 
awsrole --mfa-code 
awsrole explain pla
awsrole pla --source-profile user1
awsrole pla --source-profile=user1
awsrole --region us-east-1 pla
awsrole plain --region us
awsrole exec plain --source-p
$x = awsrole role10
1 | awsrole role10
END
  has 'awsrole role=> role101 role102' 'awsrole rol102=> ' "awsrole ex=> external exec explain" 'awsrole o=> off' \
    "awsrole -=> - $flags --dry-run --json" 'awsrole --r=> --refresh --region' \
    'awsrole list --=> --help --version --debug --json' "awsrole it=> 'it''s \$(touch x)'" "awsrole \"it=> 'it''s \$(touch x)'" \
    'awsrole -- li=> list' "awsrole '--' '-d=> '-dash'" 'awsrole clear ext=> external' 'awsrole exec pla=> plain' \
    "awsrole exec plain --=> $flags --serve --" 'awsrole exec --refresh pla=> plain' \
    'awsrole exec plain -- Get-Comman=> Get-Command' 'awsrole exec plain -- awsrole whoa=> whoami' \
    'awsrole init => bash zsh fish powershell nushell elvish xonsh posix' 'awsrole demo => code' 'awsrole --mfa-code => -' \
    'awsrole explain pla=> plain' 'awsrole pla --source-profile user1=> user101' \
    'awsrole pla --source-profile=user1=> --source-profile=user101' 'awsrole --region us-east-1 pla=> plain' \
    'awsrole plain --region us=> ' 'awsrole exec plain --source-p=> --source-profile' \
    '$x = awsrole role10=> role101 role102' '1 | awsrole role10=> role101 role102'
}

@test 'Tab reads the index while it is current, and asks the core when it is not' {
  completes <<<'awsrole role10'
  has 'awsrole role10=> role101 role102'
  [ "$(core_starts)" = 1 ]
  completes <<<'awsrole role10'
  has 'awsrole role10=> role101 role102'
  [ "$(core_starts)" = 1 ]
  profile role103 plain
  touch -d '2024-05-06 07:08:10' "$HOME_FOLDER/.aws/credentials"
  completes <<<'awsrole role10'
  has 'awsrole role10=> role103 role101 role102'
  [ "$(core_starts)" = 2 ]
  echo '[profile broken' >>"$HOME_FOLDER/.aws/config"
  completes <<<'awsrole role10'
  has_no awsrole: Exception
}

@test 'at a terminal: Tab lists the profiles, a menu shows the role of each, and what is inserted is that profile' {
  profile "it's" plain
  open_terminal
  type_text 'awsrole role10'
  press Tab Tab
  wait_for '^role101 +role102 *$'
  press C-c
  type_text 'awsrole it'
  press Tab
  wait_for "awsrole 'it''s'$"
  press Enter
  wait_for "^it's: $ROLE/plain"
  enter 'Set-PSReadLineKeyHandler -Chord Tab -Function MenuComplete'
  type_text 'awsrole role10'
  press Tab
  wait_for "^$ROLE/role101 *$"
  press Tab
  wait_for "^$ROLE/role102 *$"
  press Enter
  wait_for 'awsrole role102 *$'
}

# ---- loading

@test 'the file parses in Windows PowerShell 5.1, and calls no cmdlet that would load a module' {
  run_script "$REPOSITORY/test/lint-powershell.ps1" "$REPOSITORY"/shell/*.ps* "$REPOSITORY/install.ps1"
  [ "$status $output" = '0 ' ]
  cat >"$BATS_TEST_TMPDIR/calls" <<'END'
$trees = $env:FILES.Split(';') | ForEach-Object {
  [System.Management.Automation.Language.Parser]::ParseFile($_, [ref]$null, [ref]$null)
}
$own = $trees.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true) |
  ForEach-Object { $_.Name -replace '^(global|script):' }
$trees.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true) |
  ForEach-Object { $_.GetCommandName() } |
  ForEach-Object { if ($_ -and $own -notcontains $_ -and 'Import-Module', 'Export-ModuleMember', 'Register-ArgumentCompleter', 'Write-Warning', 'Set-StrictMode', '/bin/sh' -notcontains $_) { "called: $_" } }
END
  local files
  printf -v files '%s;' "$REPOSITORY"/shell/*.ps*1
  environment+=("FILES=$files$REPOSITORY/install.ps1")
  run_script "$BATS_TEST_TMPDIR/calls"
  [ "$status $output" = '0 ' ] || {
    echo "$output"
    return 1
  }
}

@test 'the check for Windows PowerShell 5.1 sees each newer thing, and nothing else' {
  local good=$BATS_TEST_TMPDIR/good.ps1 bad=$BATS_TEST_TMPDIR/bad.ps1 number
  printf '%s\n' '# é in a comment' '$a = @{ clean = 1 }; "``e $a"; 0x1d; 5d; 1kb' "'\`e' |" '  f' >"$good"
  printf '\xef\xbb\xbf"é"\n' >"$BATS_TEST_TMPDIR/marked.ps1"
  run_script "$REPOSITORY/test/lint-powershell.ps1" "$good" "$BATS_TEST_TMPDIR/marked.ps1"
  [ "$status $output" = '0 ' ]
  printf '%s\n' '$x = $a ? 1 : 2' '$x ??= 1' '$a ?? 1' 'f && g' 'f || g' '"`e"' '"`u{41}"' '${a}?.b' '${a}?[0]' 'f &' \
    'function f { clean { } }' '0b11' '5n' '"é"' '"a"' '| f' '(' >"$bad"
  run_script "$REPOSITORY/test/lint-powershell.ps1" "$good" "$bad"
  [ "$status" -eq 1 ]
  # The pipe of line 16 is seen, the text before it is not.
  for number in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 16 17; do has_part "$bad:$number:"; done
  has_no "$good:" "$bad:15:"
}

@test 'where the language is constrained it is not loaded, and says so in one sentence' {
  run_shell <<END
\$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
$(code_load)
"then \$((Get-Command awsrole -CommandType Function -ErrorAction Ignore) -eq \$null) \$(prompt)"
END
  has_part 'awsrole is not loaded: ConstrainedLanguage' 'then True PS'
  [ "$(grep -c awsrole <<<"$output")" = 1 ]
}

@test 'it is a module: imported, found in a folder of PSModulePath, described, and removed without a trace' {
  mkdir "$BATS_TEST_TMPDIR/modules"
  ln -s "$PREFIX/share/awsrole/shell" "$BATS_TEST_TMPDIR/modules/awsrole"
  local how
  for how in ". $(quote "$integration")" "Import-Module $(quote "${integration%.ps1}.psd1")" \
    "\$env:PSModulePath += ':$BATS_TEST_TMPDIR/modules'; Import-Module awsrole" "\$env:PSModulePath += ':$BATS_TEST_TMPDIR/modules'"; do
    run_shell <<END
function prompt { 'mine> ' }
function test_complete(\$line) { @([System.Management.Automation.CommandCompletion]::CompleteInput(\$line, \$line.Length, \$null).CompletionMatches).CompletionText -join ' ' }
$how
awsrole plain
"held \$env:AWSROLE_PROFILE \$((Get-Module awsrole).Version) <\$(test_complete 'awsrole role10')>"
"own \$((Get-Module awsrole).ExportedCommands.Keys) \$((Get-Command '__awsrole*').Count) \$((Get-Variable '__awsrole*').Count)"
"help \$(@((Get-Help awsrole).examples.example).Count -gt 2)"
\$env:PSModulePath = \$env:PSModulePath -replace ':[^:]*/modules\z'
Remove-Module awsrole
"left <\$env:AWSROLE_PROFILE> \$(prompt) <\$(test_complete 'awsrole role10')> \$(Get-Command awsrole -ErrorAction Ignore)"
"errors \$(@(\$Error -match 'awsrole').Count)"
END
    has "held plain 0.1.0 <role101 role102>" 'own awsrole 0 0' 'help True' 'left <> mine>  <> ' 'errors 0'
  done
}

@test 'a child shell in which nothing was switched keeps its role when the module is removed' {
  powershell <<END
awsrole plain
& '$program' -NoProfile -Command ". $(quote "$integration"); Remove-Module awsrole; 'child ' + \`\$env:AWSROLE_PROFILE"
END
  has 'child plain'
}

@test 'exec throws by the preferences of the function that called it' {
  powershell <<'END'
function careful {
  $ErrorActionPreference = 'Stop'
  $PSNativeCommandUseErrorActionPreference = $true
  awsrole exec plain -- sh -c 'exit 42'
  'went on'
}
try { careful } catch { "thrown $LASTEXITCODE" }
awsrole exec plain -- sh -c 'exit 43'
"not thrown $LASTEXITCODE"
END
  has 'thrown 42' 'not thrown 43'
  has_no 'went on'
}

@test 'where the language is constrained later, it goes on to work' {
  powershell <<'END'
$ExecutionContext.SessionState.LanguageMode = 'ConstrainedLanguage'
awsrole plain
"held $env:AWSROLE_PROFILE $((prompt) -match 'plain')"
awsrole off
"errors $($Error.Count)"
END
  has 'held plain True' 'errors 0'
}

@test 'loading starts nothing and leaves nothing but its own names' {
  run_shell <<END
Set-StrictMode -Version Latest
\$ErrorActionPreference = 'Stop'
$(code_dump before)
$(code_load)
"loaded \$?"
$(code_dump after)
END
  has 'loaded True'
  diff <(sed -En 's/^declare -- ([^=]*)=.*/\1/p;s/ \(\)$//p' "$DUMPS/before.shell" | sort) \
    <(sed -En 's/^declare -- ([^=]*)=.*/\1/p;s/ \(\)$//p' "$DUMPS/after.shell" | sort) |
    grep '^[<>]' | grep -Ev '^> (awsrole|test_.*|foreach|switch|LASTEXITCODE)$' && return 1
  same_environment before after
  [ "$(core_starts)" = 0 ]
}

@test 'the text of awsrole init can be loaded, also from within a script' {
  cat >"$BATS_TEST_TMPDIR/profile.ps1" <<END
. ([scriptblock]::Create((& '${PREFIX//\'/\'\'}/bin/awsrole' init powershell | Out-String)))
END
  run_shell <<END
. '$BATS_TEST_TMPDIR/profile.ps1'
awsrole plain
test_show AWSROLE_PROFILE
(awsrole init powershell) -match 'shell/awsrole.ps1'
awsrole init powershell | Out-String | Invoke-Expression
END
  has 'AWSROLE_PROFILE exported plain' 'True'
}

@test 'a session file that others can write, or that is not ours, is not served' {
  powershell <<<'awsrole plain; awsrole plain'
  [ "$(core_starts)" = 1 ]
  for place in "$(session_file plain)" "$CACHE/shell"; do
    chmod go+w "$place"
    powershell <<<'awsrole plain; test_show AWSROLE_PROFILE'
    has 'AWSROLE_PROFILE exported plain'
    chmod go-w "$place"
  done
  [ "$(core_starts)" = 3 ]
  [ "$(id -u)" = 0 ] || return 0
  powershell <<<'awsrole plain'
  [ "$(core_starts)" = 3 ]
  chown nobody "$(session_file plain)"
  powershell <<<'awsrole plain; test_show AWSROLE_PROFILE'
  has 'AWSROLE_PROFILE exported plain'
  [ "$(core_starts)" = 4 ]
}

@test 'an awsrole that was removed says so' {
  powershell <<END
awsrole plain
rm $(quote "$PREFIX/share/awsrole/shell/awsrole")
awsrole external; "gone \$? \$LASTEXITCODE"
END
  cp -p "$REPOSITORY/shell/awsrole" "$PREFIX/share/awsrole/shell/awsrole"
  has 'gone False 1'
  has_part "its program is gone from $PREFIX/share/awsrole"
}

# ---- installation

# A packed release and an empty home.
release() {
  RELEASE="$BATS_TEST_TMPDIR/a re\$lease's"
  mkdir "$RELEASE"
  cp -R "$REPOSITORY/dist" "$REPOSITORY/shell" "$REPOSITORY/install.ps1" "$REPOSITORY/install.sh" "$REPOSITORY/package.json" "$REPOSITORY/LICENSE" "$RELEASE/"
  # What it does on Windows is tried here as well: without the part that hands over.
  sed '/^# Elsewhere than on Windows/,/^}/d' "$REPOSITORY/install.ps1" >"$RELEASE/install.ps1"
  PROFILE_FILE=$HOME_FOLDER/.config/powershell/Microsoft.PowerShell_profile.ps1
}

install_ps1() { run env -C "$WORK" -i "${environment[@]}" "$program" -NoProfile -File "$RELEASE/install.ps1" "$@"; }

interactive() { run env -C "$WORK" -i "${environment[@]}" "$program" -Command "$1"; }

# What a folder holds, without what PowerShell makes for itself.
snapshot() { (cd "$1" && find . -type f -exec cksum {} + | sort && find . -type d | grep -Ev '/\.config|/powershell' | sort); }

@test 'install.ps1 installs, wires the profile once, upgrades, and takes everything back' {
  release
  snapshot "$HOME_FOLDER" >"$BATS_TEST_TMPDIR/before"
  install_ps1
  [ "$status" -eq 0 ]
  has "Added awsrole to ~${PROFILE_FILE#"$HOME_FOLDER"}" "awsrole is installed in $HOME_FOLDER/.local (with Node.js $(node -p process.versions.node))."
  [ "$(cat "$HOME_FOLDER/.local/share/awsrole/node-path")" = "$(node -p process.execPath)" ]
  [ "$("$HOME_FOLDER/.local/bin/awsrole" --version)" = "$(node -p 'require("'"$REPOSITORY"'/package.json").version')" ]
  interactive 'awsrole plain; "$env:AWSROLE_PROFILE $? $env:PATH"'
  [[ $output == *"plain True "*"$PATH:$HOME_FOLDER/.local/bin" ]] # PowerShell puts its own folder first
  cp -p "$PROFILE_FILE" "$BATS_TEST_TMPDIR/profile"
  touch "$HOME_FOLDER/.local/share/awsrole/dist/old.mjs"
  install_ps1
  [ "$status" -eq 0 ]
  has_no 'wsrole to '
  [ ! -e "$HOME_FOLDER/.local/share/awsrole/dist/old.mjs" ]
  cmp "$PROFILE_FILE" "$BATS_TEST_TMPDIR/profile"
  [ ! "$PROFILE_FILE" -nt "$BATS_TEST_TMPDIR/profile" ]
  install_ps1 -Uninstall
  [ "$status" -eq 0 ]
  has "Removed ~${PROFILE_FILE#"$HOME_FOLDER"}" "awsrole is removed from $HOME_FOLDER/.local. Shells that are open keep it until they end."
  rm -rf "$HOME_FOLDER/.cache" "$HOME_FOLDER/.aws/cli"
  rmdir "$HOME_FOLDER/.local/share/powershell/Modules" "$HOME_FOLDER/.local/share/powershell" "$HOME_FOLDER/.local/share" "$HOME_FOLDER/.local"
  diff "$BATS_TEST_TMPDIR/before" <(snapshot "$HOME_FOLDER")
  install_ps1 -Uninstall
  has "There is no awsrole in $HOME_FOLDER/.local."
}

@test 'elsewhere than on Windows, install.ps1 hands over to install.sh, with the same options' {
  release
  cp "$REPOSITORY/install.ps1" "$RELEASE/install.ps1"
  install_ps1 -Prefix "$BATS_TEST_TMPDIR/it's" -NoRc
  [ "$status" -eq 0 ]
  [ -x "$BATS_TEST_TMPDIR/it's/bin/awsrole" ]
  [ ! -e "$BATS_TEST_TMPDIR/it's/bin/awsrole.cmd" ]
  [ ! -e "$PROFILE_FILE" ]
  install_ps1 -Uninstall -Prefix "$BATS_TEST_TMPDIR/it's" -NoRc
  [ "$status" -eq 0 ]
  [ ! -e "$BATS_TEST_TMPDIR/it's/bin" ]
  install_ps1
  [ -e "$PROFILE_FILE" ]
  install_ps1 -Uninstall
  [ ! -e "${PROFILE_FILE%/*}" ]
  install_ps1 -Prefix /proc/nowhere
  [ "$status" -eq 1 ]
}

@test 'install.ps1 keeps the encoding and line ends of a profile, and gives back its bytes' {
  release
  mkdir -p "${PROFILE_FILE%/*}"
  local prefix="$BATS_TEST_TMPDIR/préfix's ‘1’" kind
  for kind in utf-8 bom utf-16le utf-16be crlf latin1 no-newline empty bom-only; do
    case $kind in
      utf-8) printf '"Grüße"\n' ;;
      bom) printf '\xef\xbb\xbf"Grüße"\r\n' ;;
      utf-16le) printf '\xff\xfe' && printf '"Grüße"\r\n' | iconv -t utf-16le ;;
      utf-16be) printf '\xfe\xff' && printf '"Grüße"\n' | iconv -t utf-16be ;;
      crlf) printf '"Grusse"\r\n\r\n' ;;
      latin1) printf '"Gr\xfc\xdfe"\n' ;;
      no-newline) printf '"Grüße"' ;;
      empty) ;;
      bom-only) printf '\xef\xbb\xbf' ;;
    esac >"$PROFILE_FILE"
    cp "$PROFILE_FILE" "$BATS_TEST_TMPDIR/profile"
    install_ps1 -Prefix "$prefix"
    [ "$status" -eq 0 ] || { echo "$kind: $output" && return 1; }
    cmp -s "$PROFILE_FILE" "$BATS_TEST_TMPDIR/profile" && echo "$kind was not wired" && return 1
    interactive 'awsrole plain; "got $env:AWSROLE_PROFILE"'
    has_part 'got plain'
    case $kind in utf-8 | bom | utf-16*) has 'Grüße' ;; esac
    if [ "$kind" = crlf ] && grep -qv $'\r$' "$PROFILE_FILE"; then cat -A "$PROFILE_FILE" && return 1; fi
    install_ps1 -Uninstall -Prefix "$prefix"
    [ "$status" -eq 0 ]
    cmp "$PROFILE_FILE" "$BATS_TEST_TMPDIR/profile" || { echo "$kind" && return 1; }
  done
}

@test 'install.ps1 leaves alone what is not its own' {
  release
  mkdir -p "$HOME_FOLDER/.local/bin" "${PROFILE_FILE%/*}"
  echo other >"$HOME_FOLDER/.local/bin/awsrole"
  install_ps1
  [ "$status" -eq 1 ]
  has_part 'exists and is another program'
  rm "$HOME_FOLDER/.local/bin/awsrole"
  printf '# >>> awsrole >>>\nhalf\n' >"$PROFILE_FILE"
  install_ps1
  [ "$status" -eq 0 ]
  has_part 'damaged awsrole block'
  [ "$(cat "$PROFILE_FILE")" = '# >>> awsrole >>>
half' ]
  rm "$PROFILE_FILE"
  install_ps1 -NoRc
  [ ! -e "$PROFILE_FILE" ]
  install_ps1 --nonsense
  [ "$status" -ne 0 ]
  mkdir -p "$BATS_TEST_TMPDIR/other/share/awsrole"
  install_ps1 -Prefix "$BATS_TEST_TMPDIR/other"
  [ "$status" -eq 1 ]
  has_part 'is not awsrole'
}

@test 'install.ps1 wants a Node.js that is new enough' {
  release
  mkdir "$BATS_TEST_TMPDIR/bin"
  printf '#!/bin/sh\necho 20.18.3\n' >"$BATS_TEST_TMPDIR/bin/node"
  chmod 755 "$BATS_TEST_TMPDIR/bin/node"
  environment+=("PATH=$BATS_TEST_TMPDIR/bin:/usr/bin:/bin")
  install_ps1
  [ "$status" -eq 1 ]
  has_part 'Node.js 20.18.3 is too old'
  [ ! -e "$HOME_FOLDER/.local/share/awsrole" ]
}

@test 'install.ps1 builds a checkout with npm' {
  release
  mkdir "$RELEASE/src" "$RELEASE/node_modules" "$BATS_TEST_TMPDIR/bin"
  touch "$RELEASE/package-lock.json"
  printf '#!/bin/sh\necho "$PWD $*" >>"%s"\necho said; [ ! -e "%s" ]\n' "$BATS_TEST_TMPDIR/npm-log" "$BATS_TEST_TMPDIR/fail" >"$BATS_TEST_TMPDIR/bin/npm"
  chmod 755 "$BATS_TEST_TMPDIR/bin/npm"
  environment+=("PATH=$BATS_TEST_TMPDIR/bin:$PATH")
  install_ps1
  [ "$status" -eq 0 ]
  has_no said
  [ "$(cat "$BATS_TEST_TMPDIR/npm-log")" = "$RELEASE ci --include=dev --no-audit --no-fund --no-update-notifier
$RELEASE run build --no-update-notifier" ]
  touch "$BATS_TEST_TMPDIR/fail"
  install_ps1
  [ "$status" -eq 1 ]
  has said
  has_part 'npm ci failed'
}

@test 'install.sh wires the profile of PowerShell where pwsh is, and takes it back' {
  release
  mkdir -p "${PROFILE_FILE%/*}" # of somebody who uses it
  run env -i "${environment[@]}" "$RELEASE/install.sh" --prefix "$BATS_TEST_TMPDIR/it's"
  [ "$status" -eq 0 ]
  has 'Added awsrole to ~/.config/powershell/Microsoft.PowerShell_profile.ps1'
  interactive 'awsrole plain; "got $env:AWSROLE_PROFILE"'
  has 'got plain'
  run env -i "${environment[@]}" "$RELEASE/install.sh" --uninstall --prefix "$BATS_TEST_TMPDIR/it's"
  [ "$status" -eq 0 ]
  [ ! -e "$PROFILE_FILE" ]
}
