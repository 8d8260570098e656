# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154 # what one file sets another uses, and code for other shells stands in quotes
# How PowerShell says what idioms-posix.bash says for bash and zsh.

# Some tests run it with another PATH.
program=$(command -v pwsh || echo pwsh)
start=("$program" -NoProfile -File)
start_words="& '$program' -NoProfile -File"
# Nothing is suggested from what was typed before. Ctrl-Enter is what an Enter becomes that is typed before the shell
# reads: to PSReadLine that begins a new line of the same command, here it ends it.
terminal=("$program" -NoLogo -NoProfile -NoExit -Command "
Set-PSReadLineOption -PredictionSource None -HistorySaveStyle SaveNothing
Set-PSReadLineKeyHandler -Chord Ctrl+Enter -Function AcceptLine")
extension=ps1
# An environment variable cannot be made readonly.
readonly_text=
error_traps=0

# What changes by itself.
volatile='args|ConfirmPreference|Error|input|LASTEXITCODE|Matches|MyInvocation|PSBoundParameters|PSCommandPath|PSScriptRoot|PWD|StackTrace|foreach|switch|this|test_.*'

# quote TEXT: as one word.
quote() { printf "'%s'" "${1//\'/\'\'}"; }

code_awsrole() {
  local word
  printf awsrole
  for word; do printf ' %s' "$(quote "$word")"; done
  echo
}

code_load() { echo ". $(quote "$integration")"; }
code_set() { echo "\$$1 = $(quote "$2")"; }
code_export() { echo "[Environment]::SetEnvironmentVariable('$1', $(quote "$2"))"; }
code_unset() { echo "[Environment]::SetEnvironmentVariable('$1', [NullString]::Value)"; }
code_readonly() { echo '$null'; }
code_status() { echo "test_status '$1' \$?"; }
code_show() {
  local name
  for name; do echo "test_show $name"; done
}
code_dump() { echo "test_dump $1"; }
# Changing PowerShell's location would not change that of the process.
code_mark() { echo "[IO.Directory]::SetCurrentDirectory($(quote "$BATS_TEST_TMPDIR/mark-$1"))"; }
code_child() { echo "$start_words $(quote "$1")"; }
code_trace() { echo 'Set-PSDebug -Trace 2'; }
code_prompt() { echo "function prompt { 'ready> ' }"; }
code_ignore_case() { echo '$null'; }
# The pipe goes into its first command.
code_group() { cat; }

code_prelude() {
  cat <<'END'
function test_say { [Console]::Out.WriteLine($args -join ' ') }
$null = $ExecutionContext.InvokeProvider.Item.Set('alias:echo', 'test_say', $true, $true)
function test_status($label, $succeeded) {
  if ($succeeded) { test_say "$label status 0" } else { test_say "$label status $global:LASTEXITCODE" }
}
function test_show($name) {
  $value = [Environment]::GetEnvironmentVariable($name)
  $variable = $ExecutionContext.SessionState.PSVariable.Get($name)
  if ($null -ne $value) { test_say "$name exported $value" }
  elseif ($null -ne $variable) { test_say "$name shell $($variable.Value)" }
  else { test_say "$name unset" }
}
function test_dump {
  [System.Diagnostics.DebuggerHidden()] param($test_label)
  sh -c 'env -0 | sort -z | tr "\0" "\n" >"$DUMPS/$1.env"' sh $test_label
  $test_lines = [System.Collections.Generic.List[string]]::new()
  foreach ($test_item in $ExecutionContext.InvokeProvider.ChildItem.Get('variable:', $false)) {
    if ($test_item.Name -match '^\w+$' -and $test_item.Options -notmatch 'ReadOnly|Constant') {
      $test_lines.Add("declare -- $($test_item.Name)=$($test_item.Value)")
    }
  }
  foreach ($test_item in $ExecutionContext.InvokeProvider.ChildItem.Get('function:', $false)) {
    $test_lines.Add("$($test_item.Name) ()`n$($test_item.Definition)")
  }
  foreach ($test_item in $ExecutionContext.InvokeProvider.ChildItem.Get('alias:', $false)) {
    $test_lines.Add("alias $($test_item.Name)=$($test_item.Definition)")
  }
  $test_lines.Add("tracing and strict mode`n$((& { try { $test_nothing } catch { 'strict' } }))")
  [IO.File]::WriteAllText("$env:DUMPS/$test_label.shell", ($test_lines -join "`n"))
}
END
}

# The preferences, aliases and functions of people who have set up their shell: label, then code.
settings=(
  strict 'Set-StrictMode -Version Latest; $ErrorActionPreference = "Stop"; $PSNativeCommandUseErrorActionPreference = $true'
  silent '$ErrorActionPreference = "SilentlyContinue"'
  separators '$OFS = "aws_:/0 "; $FormatEnumerationLimit = 1'
  variables 'foreach ($name in "name", "names", "words", "word", "verb", "state", "session", "lines", "line", "kept", "before", "text", "at", "from", "file", "found", "start", "process", "output", "captured", "piped", "all") { $ExecutionContext.SessionState.PSVariable.Set($name, "evil") }'
  functions 'function aws { touch x }; function node { touch x }; function date { touch x }; function cat { touch x }; function Get-Item { touch x }; function Test-Path { touch x }; function Get-Content { touch x }; function Write-Host { touch x }'
  aliases 'foreach ($name in "node", "date", "Get-Content", "Write-Error") { $null = $ExecutionContext.InvokeProvider.Item.Set("alias:$name", "touch") }'
  culture '[System.Threading.Thread]::CurrentThread.CurrentCulture = "tr-TR"; [System.Threading.Thread]::CurrentThread.CurrentUICulture = "tr-TR"'
)

# code_traps: what runs at the end.
code_traps() {
  echo '$null = $ExecutionContext.Events.SubscribeEvent($null, $null, "PowerShell.Exiting", $null, { [Console]::Out.WriteLine("trap EXIT") }, $false, $false)'
}
