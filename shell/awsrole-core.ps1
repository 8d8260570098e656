# Part of awsrole.psm1, read when there are words to look at, or the core has to be asked.

# The words as they were typed. PowerShell eats a bare `--`, makes an array of `a,b` and two words of `-a:b`; where there
# may be any of that, the line is looked at.
function script:__awsrole_words($invocation, $arguments) {
  $words = [System.Collections.Generic.List[string]]::new()
  $line = [string]$invocation.Line
  $asTyped = $line -cnotmatch '--|`'
  foreach ($argument in $arguments) {
    if ($argument -isnot [string] -or $argument -cmatch '^-.*:\z') { $asTyped = $false }
    foreach ($part in $argument) { $words.Add([string]$part) } # a number's text is what was typed
  }
  if (-not $asTyped) {
    if ($line -and $invocation.OffsetInLine -gt 0) { $line = $line.Substring($invocation.OffsetInLine - 1) }
    $statement = $invocation.PSObject.Properties['Statement'] # since 7.4; all of it, where it goes over several lines
    if ($null -ne $statement -and $statement.Value) { $line = $statement.Value }
    $read = __awsrole_reread $line $arguments
    if ($null -ne $read) { $words = $read }
  }
  # Another function that passes on its words has lost it.
  if ($words.Count -gt 2 -and $words[0] -cmatch '^exec\z' -and $words[1] -notmatch '^-' -and $words[2] -notmatch '^-' -and
    -not $words.Contains('--')) { $words.Insert(2, '--') }
  # What people know from cmdlets.
  for ($i = 0; $i -lt $words.Count -and $words[$i] -cnotmatch '^--\z'; $i++) {
    $words[$i] = $words[$i] -replace '^-WhatIf\z', '--dry-run' -replace '^-Verbose\z', '--debug'
  }
  return , $words.ToArray()
}

# The words of the command that the line begins with; nothing unless they say the same as the arguments.
function script:__awsrole_reread([string] $line, $arguments) {
  $tree = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref]$null, [ref]$null)
  $command = $tree.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $false)
  if ($null -eq $command) { return }
  # A number as it was typed, of everything else its value.
  $text = { if ($args[0].GetType().Name -cmatch '^ConstantExpr') { $args[0].Extent.Text } else { [string]$args[1] } }
  $words = [System.Collections.Generic.List[string]]::new()
  $at = $end = 0
  $null, $elements = $command.CommandElements
  foreach ($element in $elements) {
    if ($element.Extent.Text -cmatch '^--\z' -and
      ($at -ge $arguments.Count -or -not [object]::Equals($arguments[$at], '--'))) {
      $words.Add('--')
      continue
    }
    if ($at -ge $arguments.Count -or $element.Splatted) { return }
    $value = $arguments[$at++]
    switch -CaseSensitive ($element.GetType().Name) {
      'ArrayLiteralAst' {
        if ($element.Elements.Count -ne $value.Count) { return }
        $texts = @(for ($i = 0; $i -lt $value.Count; $i++) { & $text $element.Elements[$i] $value[$i] }) -join ','
      }
      'CommandParameterAst' {
        $texts = [string]$value
        if ($null -ne $element.Argument -and $at -lt $arguments.Count) { $texts += & $text $element.Argument $arguments[$at++] }
      }
      'StringConstantExpressionAst' {
        if (-not [object]::Equals($element.Value, $value)) { return }
        $texts = $value
      }
      default { $texts = foreach ($part in $value) { & $text $element $part } }
    }
    # `-a:b` after a `--` are two that touch.
    if ($element.Extent.StartOffset -eq $end -and $words.Count -gt 0) {
      $words[$words.Count - 1] += $texts -join ''
    } else {
      foreach ($word in $texts) { $words.Add($word) }
    }
    $end = $element.Extent.EndOffset
  }
  if ($at -eq $arguments.Count) { return , $words }
}

# The session that the core has for the words; if it has none, what it prints or nothing.
function script:__awsrole_fetch { [Diagnostics.DebuggerHidden()] param([string[]] $words, $piped, [string] $key, $isAgain)
  $asked = [string[]]@('session-lines')
  if ($isAgain) { $asked += '--again' }
  $lines = @(__awsrole_ask ($asked + $words) $piped $key)
  if ($global:LASTEXITCODE -ne 0 -or $lines[0] -cnotmatch '^awsrole-session ') { return $lines }
  $session = __awsrole_parse "$($lines -join "`n")`n" 'awsrole-session 2 .*\nfor .+\nstates \S+ \S+ \S+' '\S+'
  if ($null -ne $session) { return $session }
  $global:LASTEXITCODE = 1
  __awsrole_say "awsrole's answer was incomplete or of another version, so nothing was changed; open a new shell, or install awsrole again"
}

# Does what the core says in place of a session.
function script:__awsrole_answer { [Diagnostics.DebuggerHidden()] param([string[]] $lines)
  if ($global:LASTEXITCODE -or "$lines" -cnotmatch '^awsrole-choice (-- )?(.*)\z') { return $lines }
  __awsrole_switch ([string[]]$(if ($Matches[1]) { '--' }; $Matches[2])) $null $false
}

# A command, or no word at all.
function script:__awsrole_command { [Diagnostics.DebuggerHidden()] [CmdletBinding()] param([string[]] $words, $piped)
  $first, $null = $words
  # In a script or function, or where the output leads elsewhere, nobody is to be asked which profile is meant.
  $mayChoose = (__awsrole_inside $PSCmdlet ('CommandRuntime', 'OutputPipe', 'DownstreamCmdlet', 'CommandInfo', 'Name')) -cmatch '^Out-Default\z' -and
    (__awsrole_is_typed)
  if ($null -eq $first -and $mayChoose) { return __awsrole_answer (__awsrole_core 'choice-line' $null @{} $true) }
  if ($first -cmatch '^(status|whoami|console|doctor|-)?\z') { # these speak of what this shell holds
    $variables = @{ AWSROLE_LOADED = $script:loaded }
  } else {
    $variables = __awsrole_before
    $variables['AWSROLE_HELD'] = $env:AWSROLE_PROFILE # list marks that
    if ($mayChoose) { $variables['AWSROLE_CHOOSE'] = '1' }
  }
  __awsrole_core $words $piped $variables
}

# The environment from before this shell's first switch, as changes to the one that is.
function script:__awsrole_before {
  $changes = $script:base.Clone()
  if ($changes.Count -gt 0) { $changes['AWSROLE_NAMES'] = $null }
  $changes
}

function script:__awsrole_is_typed {
  "$($script:invocation.CommandOrigin)" -cmatch '^Runspace\z' -and -not $script:invocation.ExpectingInput -and
  (__awsrole_inside $Host ('ExternalHost', 'IsInteractive')) -and (__awsrole_is_on_screen) -and
  -not [Console]::IsOutputRedirected -and -not [Console]::IsErrorRedirected
}

# Asks the core for lines that this shell takes, for the shell's key.
function script:__awsrole_ask { [Diagnostics.DebuggerHidden()] param([string[]] $words, $piped, [string] $key)
  $variables = __awsrole_before
  $variables['AWSROLE_SHELL'] = $key
  if (__awsrole_is_typed) { $variables['AWSROLE_CHOOSE'] = '1' }
  if ((__awsrole_inside $Host.UI 'IsTranscribing') -and (__awsrole_is_on_screen)) {
    # A transcript gets nothing of what a native command says by itself.
    $show = { process { if ($_ -is [System.Management.Automation.ErrorRecord]) { $Host.UI.WriteErrorLine([string]$_) } else { $_ } } }
    __awsrole_core $words $piped $variables $true 2>&1 | & $show
  } else {
    __awsrole_core $words $piped $variables $true
  }
}

# Runs the launcher, on Windows the core, as the native command that it is: PowerShell redirects it and stops it as any
# other. It gets these variables (none where $null) beside the others. With $isOurs its status is ours to judge.
function script:__awsrole_core { [Diagnostics.DebuggerHidden()] [CmdletBinding()] param([string[]] $words, $piped, $variables, $isOurs)
  if ($isOurs) {
    $ErrorActionPreference = 'Continue' # where its errors are redirected, 5.1 would take each for an end
    $PSNativeCommandUseErrorActionPreference = $false
  } else {
    # The user's command, by the user's preferences, which may be those of a function.
    foreach ($name in 'ErrorActionPreference', 'PSNativeCommandUseErrorActionPreference', 'OutputEncoding') {
      $value = __awsrole_inside $ExecutionContext ('_context', 'TopLevelSessionState') 'GetVariableValue' $name
      if ($null -ne $value) { $ExecutionContext.SessionState.PSVariable.Set($name, $value) }
    }
  }
  $PSNativeCommandArgumentPassing = 'Standard'
  $isExec = "$words" -cmatch '^exec( |\z)'
  if ("$words" -cmatch '^demo\z') { # it is to open a shell like this one, whose process may be called dotnet
    $own = $ExecutionContext.InvokeCommand.GetCommand($(if ($PSVersionTable.PSVersion.Major -gt 5) { 'pwsh' } else { 'powershell' }), 'Application')
    if ($null -ne $own) { $variables['SHELL'] = $own.Path }
  }
  $program, $arguments = __awsrole_program $isExec
  if (-not $program) { return }
  $arguments = [string[]]@($arguments) + $words
  if ($PSVersionTable.PSVersion -lt '7.3') {
    # There, an argument has to be as Windows programs take it apart: a backslash is doubled before a quote only.
    $arguments = foreach ($argument in $arguments) { '"' + ($argument -replace '(\\*)"', '$1$1\"' -replace '(\\+)\z', '$1$1') + '"' }
  }
  $output = __awsrole_inside $PSCmdlet ('CommandRuntime', 'OutputPipe')
  $next = __awsrole_inside $output ('DownstreamCmdlet', 'CommandInfo', 'Name')
  # The file of a redirection, where others may write to it as well: only a native command's own keeps its bytes.
  $file = $null
  $commands = __awsrole_inside $output ('PipelineProcessor', 'Commands')
  if (-not $script:windows -and $null -ne $commands -and
    -not [object]::ReferenceEquals($output, (__awsrole_inside $PSCmdlet ('CommandRuntime', 'ErrorOutputPipe')))) { # not `*>`
    $file = __awsrole_inside $commands[0] ('Command', 'FilePath')
  }
  $saved = @{}
  $null = $script:changed.Add($saved)
  $back = { __awsrole_put $saved; $saved.Clear() }
  $encoding = $null
  try {
    foreach ($name in $variables.Keys) { $saved[$name] = [Environment]::GetEnvironmentVariable($name) }
    __awsrole_put $variables
    # The core prints UTF-8; what `exec` starts, as native programs do.
    if (-not $isExec -and [Console]::OutputEncoding.CodePage -ne 65001) {
      $encoding = [Console]::OutputEncoding
      try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { $encoding = $null } # without a console
    }
    # The file is there, and emptied if it was to be. What runs behind a pipe is in the role of this shell.
    if ($null -ne $file) {
      if ($null -eq $piped) { & $program $arguments >> $file } else { $piped | & $program $arguments >> $file }
    } elseif ($saved.Count -gt 0 -and $null -ne $next -and $next -cnotmatch '^Out-Default\z') {
      $pass = { process { & $back; $_ } }
      if ($null -eq $piped) { & $program $arguments | & $pass } else { $piped | & $program $arguments | & $pass }
    } elseif ($null -eq $piped) { & $program $arguments } else { $piped | & $program $arguments }
  } finally {
    & $back
    $script:changed.Remove($saved)
    if ($null -ne $encoding) { [Console]::OutputEncoding = $encoding }
  }
}

# What is started, and its first arguments: a shell and the launcher, on Windows Node and the core; nothing, with a
# message, where that is missing.
function script:__awsrole_program([bool] $isExec) {
  $global:LASTEXITCODE = 1
  $here = [IO.DirectoryInfo]::new($PSScriptRoot)
  $target = @($here.Target)[0] # of a link in a folder of PSModulePath
  if ($target) { $here = [IO.DirectoryInfo]::new([IO.Path]::Combine($here.Parent.FullName, $target)) }
  $tree = $here.Parent.FullName
  $file = if ($script:windows) { "$tree/dist/cli.mjs" } else { "$tree/shell/awsrole" }
  if (-not $script:windows -and -not [IO.File]::Exists($file)) { # an update may have put it elsewhere
    $other = $ExecutionContext.InvokeCommand.GetCommand('awsrole', 'Application')
    if ($null -ne $other) { $file = $other.Path }
  }
  if (-not [IO.File]::Exists($file)) { return __awsrole_say "awsrole: its program is gone from $tree; open a new shell, or install it again" }
  $found = $ExecutionContext.InvokeCommand.GetCommand($(if ($script:windows) { 'node.exe' } else { 'bash' }), 'Application')
  if (-not $script:windows -and $isExec -and $null -ne $found) { return $found.Path, '--posix', '-p', $file }
  if (-not $script:windows) { return '/bin/sh', $file }
  if ([IO.File]::Exists("$tree/node-path")) {
    $node = [IO.File]::ReadAllText("$tree/node-path").Trim() -replace '^/([A-Za-z])/', '$1:/' # Git Bash may have written it
    if ([IO.File]::Exists($node)) { return $node, $file }
  }
  if ($null -ne $found) { return $found.Path, $file }
  __awsrole_say "awsrole: Node.js was not found.`n  Install Node.js 20.19 or newer and put it on PATH, or install awsrole again to record where it is."
}
