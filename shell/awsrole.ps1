# awsrole for Windows PowerShell 5.1 and PowerShell 7: `awsrole NAME` puts the session of an AWS role into this shell.
#
# A session comes as lines, from awsrole's cache or from the core. They are read into locals, checked as a whole, and only
# then applied; nothing is ever evaluated. What the shell held before its first switch is kept in $__awsrole_state, so
# that `awsrole off` can put it back.
#
# No cmdlet is called but Register-ArgumentCompleter: loading the modules of the others takes longer than a switch.
# Texts are compared by [string]::Equals, since -ceq takes some texts for equal that are not the same.
# DebuggerHidden keeps a trace (Set-PSDebug) from showing secrets.

if ($ExecutionContext.SessionState.LanguageMode -ne 'FullLanguage') {
  Write-Warning 'awsrole is not loaded: ConstrainedLanguage does not let it work; its program awsrole exec NAME -- COMMAND does'
  return
}

# The first use of a method, a property or of most operators costs a new shell some milliseconds: so few of them here.
& {
  Set-StrictMode -Off # in here only: what is not there is $null
  if ($null -eq $global:__awsrole_state.base) { # an older version has none either
    $global:__awsrole_state = @{
      windows = -not ($IsLinux -or $IsMacOS)
      stat = $null # stat, lstat and who we are
      base = @{} # what the variables that we changed were before the first switch; $null: not set
      inherited = $false # only their names are known, from a parent shell
      words = $null # those of the last switch, or `off`
      previous = $null # those before
      plain = '' # the name, if that was all of the words: it is renewed by it
      renew = 0 # epoch seconds after which a prompt looks for a newer session
      depth = -1 # which of the prompts is drawing
      # Writes an error record. What native commands say has this name, and is shown as it is.
      error = {
        [CmdletBinding()] param([string] $text)
        $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new(
            [Exception]::new($text), 'NativeCommandErrorMessage', 'NotSpecified', $null))
      }
    }
  }
  if ($null -eq $global:__awsrole_prompts) {
    $global:__awsrole_wrapper = $null # our `prompt`
    $global:__awsrole_prompts = @() # what `prompt` was each time it was wrapped
  }
  # `awsrole init powershell` sets the root in a line of its own, as its text is read from no file.
  $global:__awsrole_tree = if ($null -ne $__awsrole_root) { $__awsrole_root } else { "$PSScriptRoot/.." }
}
$__awsrole_root = $null
# The build writes this line (src/commands/names.ts).
$global:__awsrole_commands = ' off - status exec list explain whoami clear protect unprotect add rotate keys unlock lock demo init help credential-process complete session-lines index-lines '

# Neither [CmdletBinding()] nor [Parameter()]: PowerShell would then take -v and -d for itself.
function global:awsrole {
  <#
  .SYNOPSIS
  Switches this shell to the role of an AWS profile.
  .DESCRIPTION
  awsrole NAME switches to a profile, awsrole off puts everything back, awsrole - goes to the role before, and
  awsrole exec NAME -- COMMAND runs one command in a role. All commands and options: awsrole --help
  #>
  [System.Diagnostics.DebuggerHidden()] param()
  $piped = if ($MyInvocation.ExpectingInput) { , @($input) }
  $ended = $false
  $global:LASTEXITCODE = 0
  try {
    __awsrole_main (__awsrole_words $MyInvocation $args) $piped
    __awsrole_wrap_prompt
    $ended = $true
  } catch {
    $ended = $true
    if ($_.FullyQualifiedErrorId -eq 'ProgramExitedWithNonZeroCode') { throw } # as the user has asked of native commands
    __awsrole_say "awsrole: unexpected: $($_.Exception.Message)"
    $global:LASTEXITCODE = 1
  } finally {
    if (-not $ended) { $global:LASTEXITCODE = 130 } # stopped by Ctrl-C
    if ($global:LASTEXITCODE -ne 0) {
      # For `$?` and `awsrole a && terraform apply`. Only a cmdlet has a public way to fail without an error record.
      $current = __awsrole_current
      if ($null -ne $current) {
        $null = __awsrole_inside $current.Invoke() ('CommandRuntime', 'PipelineProcessor', 'set_ExecutionFailed') $true
      }
    }
  }
}

# What tells the command that is running, by its Invoke(): a caller has to call that for itself.
function global:__awsrole_current {
  $context = __awsrole_inside $ExecutionContext '_context'
  if ($null -eq $context) { return }
  $property = $context.GetType().GetProperty('CurrentCommandProcessor', [Reflection.BindingFlags]'NonPublic, Public, Instance')
  $property.GetGetMethod($true).CreateDelegate([Func[object]], $context)
}

# What the engine keeps for itself: goes from an object to its member, that one's member and so on; with a value, calls
# the last as a method. Gives nothing where the engine is not built like that.
function global:__awsrole_inside($at, [string[]] $members, $value) {
  try {
    for ($i = 0; $i -lt $members.Count -and $null -ne $at; $i++) {
      $isCall = $null -ne $value -and $i -eq $members.Count - 1
      # NonPublic, Public, Instance and InvokeMethod, or GetField and GetProperty: names would be looked up each time.
      $how = if ($isCall) { 308 } else { 5172 }
      $at = $at.GetType().InvokeMember($members[$i], [Reflection.BindingFlags]$how, $null, $at, $(if ($isCall) { , $value }))
    }
    if ($null -ne $at) { return , $at }
  } catch { return }
}

# True when nobody has redirected PowerShell's error stream.
function global:__awsrole_is_on_screen {
  $pipe = __awsrole_inside $ExecutionContext ('_context', 'CurrentCommandProcessor', 'CommandRuntime', 'ErrorOutputPipe')
  $null -eq $pipe -or [string]::Equals((__awsrole_inside $pipe ('DownstreamCmdlet', 'CommandInfo', 'Name')), 'Out-Default')
}

# A line for a person: on the screen, or where the error stream leads, which has no way in but an error record.
function global:__awsrole_say([string] $text) {
  if (__awsrole_is_on_screen) {
    $Host.UI.WriteErrorLine($text)
    $null = __awsrole_inside $Host.UI 'TranscribeResult' $text
  } else {
    & $global:__awsrole_state.error $text -ErrorAction Continue
    $global:Error.RemoveAt(0) # it is no error
  }
}

# The words as they were typed. PowerShell eats a bare `--`, makes an array of `a,b` and two words of `-a:b`; where there
# may be any of that, the line is looked at.
function global:__awsrole_words($invocation, $arguments) {
  $words = [System.Collections.Generic.List[string]]::new()
  $line = [string]$invocation.Line
  $asTyped = -not ($line.Contains('--') -or $line.Contains('`'))
  foreach ($argument in $arguments) {
    if ($argument -isnot [string] -or ($argument.StartsWith('-') -and $argument.EndsWith(':'))) { $asTyped = $false }
    foreach ($part in $argument) { $words.Add([string]$part) } # a number's text is what was typed
  }
  if (-not $asTyped) {
    $statement = $invocation.PSObject.Properties['Statement'] # since 7.4; all of it, where it goes over several lines
    if ($line -and $invocation.OffsetInLine -gt 0) { $line = $line.Substring($invocation.OffsetInLine - 1) }
    if ($null -ne $statement -and $statement.Value) { $line = $statement.Value }
    $read = __awsrole_reread $line $arguments
    if ($null -ne $read) { $words = $read }
  }
  # Another function that passes on its words has lost it.
  if ($words.Count -gt 2 -and [string]::Equals($words[0], 'exec') -and $words[1] -notmatch '^-' -and $words[2] -notmatch '^-' -and
    -not $words.Contains('--')) { $words.Insert(2, '--') }
  # What people know from cmdlets.
  for ($i = 0; $i -lt $words.Count -and -not [string]::Equals($words[$i], '--'); $i++) {
    if ($words[$i] -eq '-WhatIf') { $words[$i] = '--dry-run' } elseif ($words[$i] -eq '-Verbose') { $words[$i] = '--debug' }
  }
  return , $words.ToArray()
}

# The words of the command that the line begins with; nothing unless they say the same as the arguments.
function global:__awsrole_reread([string] $line, $arguments) {
  $tree = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref]$null, [ref]$null)
  $command = $tree.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $false)
  if ($null -eq $command) { return }
  $words = [System.Collections.Generic.List[string]]::new()
  $at = $end = 0
  for ($i = 1; $i -lt $command.CommandElements.Count; $i++) {
    $element = $command.CommandElements[$i]
    $kind = $element.GetType().Name
    if ([string]::Equals($element.Extent.Text, '--') -and
      ($at -ge $arguments.Count -or -not [object]::Equals($arguments[$at], '--'))) {
      $words.Add('--')
      continue
    }
    if ($at -ge $arguments.Count -or ($kind -eq 'VariableExpressionAst' -and $element.Splatted)) { return }
    $values = @($arguments[$at])
    $parts = @($element) * $values.Count
    $at++
    if ($kind -eq 'ArrayLiteralAst') {
      $parts = @($element.Elements)
    } elseif ($kind -eq 'CommandParameterAst' -and $null -ne $element.Argument -and $at -lt $arguments.Count) {
      $parts = $element, $element.Argument
      $values += [string]$arguments[$at]
      $at++
    } elseif ($kind -eq 'StringConstantExpressionAst' -and -not [object]::Equals($element.Value, $values[0])) { return }
    if ($parts.Count -ne $values.Count) { return }
    # A number as it was typed, of everything else its value.
    $texts = @(for ($j = 0; $j -lt $parts.Count; $j++) {
        if ($parts[$j].GetType().Name -eq 'ConstantExpressionAst') { $parts[$j].Extent.Text } else { [string]$values[$j] }
      })
    if ($kind -eq 'ArrayLiteralAst') { $texts = @($texts -join ',') }
    if ($kind -eq 'CommandParameterAst') { $texts = @($texts -join '') }
    # `-a:b` behind a `--` are two that touch.
    if ($element.Extent.StartOffset -eq $end -and $words.Count -gt 0) {
      $words[$words.Count - 1] += $texts -join ''
    } else {
      foreach ($text in $texts) { $words.Add($text) }
    }
    $end = $element.Extent.EndOffset
  }
  if ($at -eq $arguments.Count) { return , $words }
}

# The first word decides what is asked for. Sets $LASTEXITCODE, and hands out what the core prints.
function global:__awsrole_main {
  [System.Diagnostics.DebuggerHidden()] param([string[]] $words, $piped)
  __awsrole_adopt
  $again = $words.Count -eq 1 -and [string]::Equals($words[0], '-')
  if ($again) {
    $words = $global:__awsrole_state.previous
    if ($null -eq $words) {
      $global:LASTEXITCODE = 2
      return __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
    }
  }
  $first = if ($words.Count -gt 0) { $words[0] } else { '' }
  if ($words.Count -eq 1 -and [string]::Equals($first, 'off')) {
    __awsrole_off
  } elseif ($again -or ($words.Count -gt 0 -and ($first.Contains(' ') -or -not $global:__awsrole_commands.Contains(" $first ")))) {
    __awsrole_switch $words $piped $again
  } elseif ($first -cmatch '^(status|whoami)?\z') {
    __awsrole_core $words $piped $null # these speak of what this shell holds
  } else {
    __awsrole_core $words $piped @{}
  }
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
function global:__awsrole_adopt {
  $state = $global:__awsrole_state
  $names = [Environment]::GetEnvironmentVariable('AWSROLE_NAMES')
  if ($state.base.Count -gt 0 -or -not $names) { return }
  foreach ($name in $names.Split(' ')) { if ($name -cmatch '^AWS[A-Z0-9_]*\z') { $state.base[$name] = $null } }
  $state.inherited = $true
  $held = [Environment]::GetEnvironmentVariable('AWSROLE_PROFILE')
  if ($null -eq $state.words -and $held) { $state.words = [string[]]@($held) }
}

# Sets variables, or removes them: [NullString], since PowerShell makes '' of $null, and that is a value from .NET 9 on.
function global:__awsrole_put {
  [System.Diagnostics.DebuggerHidden()] param($variables)
  foreach ($name in $variables.Keys) {
    $value = $variables[$name]
    if ($null -eq $value) { $value = [NullString]::Value }
    [Environment]::SetEnvironmentVariable($name, $value)
  }
}

# Puts everything back to what it was before the first switch. Called where Ctrl-C has to wait: never half a change.
function global:__awsrole_restore {
  [System.Diagnostics.DebuggerHidden()] param()
  __awsrole_put $global:__awsrole_state.base
  __awsrole_put @{ AWSROLE_NAMES = $null }
  $global:__awsrole_state.base = @{}
}

function global:__awsrole_off {
  $state = $global:__awsrole_state
  if ($state.base.Count -eq 0) { return __awsrole_say 'no role is held in this shell' }
  $left = [Environment]::GetEnvironmentVariable('AWSROLE_PROFILE')
  if (-not $left) { $left = 'the role' }
  $how = 'the shell is as it was before'
  if ($state.inherited) {
    $names = [Environment]::GetEnvironmentVariable('AWSROLE_NAMES')
    $how = "removed $names; what they were before, only the shell that switched knows"
  }
  try { } finally {
    __awsrole_restore
    $state.inherited = $false
    $state.plain = ''
    $null = __awsrole_remember ([string[]]@('off'))
  }
  __awsrole_say "left ${left}: $how"
}

# The words of the state the shell is in now, for `awsrole -`; gives whether they are others than before.
function global:__awsrole_remember([string[]] $words) {
  $state = $global:__awsrole_state
  $before = if ($null -ne $state.words) { $state.words } else { [string[]]@('off') }
  $state.words = $words
  if ([string]::Equals($words -join ' ', $before -join ' ')) { return $false }
  $state.previous = $before
  $true
}

# A switch by the words of the command line.
function global:__awsrole_switch {
  [System.Diagnostics.DebuggerHidden()] param([string[]] $words, $piped, $again)
  $ErrorActionPreference = 'Stop'
  $state = $global:__awsrole_state
  $place = __awsrole_place
  $plain = ''
  if ($words.Count -eq 1 -and -not $words[0].StartsWith('-', [StringComparison]::Ordinal)) { $plain = $words[0] }
  $session = $null
  if ($plain) { $session = __awsrole_kept $plain $place }
  if ($null -eq $session -or [long]$session.renew -le [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()) {
    $asked = [string[]]@('session-lines')
    if ($again -and -not $plain) { $asked += '--again' }
    $lines = @(__awsrole_ask ($asked + $words) $piped $place.key)
    if ($global:LASTEXITCODE -ne 0 -or $lines.Count -eq 0 -or -not $lines[0].StartsWith('awsrole-session ', [StringComparison]::Ordinal)) {
      return $lines # help, or what a switch would do
    }
    $session = __awsrole_parse (($lines -join "`n") + "`n")
    if ($null -eq $session) {
      $global:LASTEXITCODE = 1
      return __awsrole_say 'awsrole: the core did not answer with whole session lines, so nothing was changed; install awsrole again'
    }
  }
  try { } finally {
    __awsrole_take $session
    $state.plain = $plain
    $state.renew = [long]$session.renew
    $isOther = __awsrole_remember $words
  }
  if ($plain -and $isOther) {
    $uses = "$($place.folder)/uses" # the core's list of names; without it nobody wants to know
    $isThere = try { [IO.File]::Exists($uses) -and (__awsrole_is_ours $uses $true) } catch { $false }
    if ($isThere) { try { [IO.File]::AppendAllText($uses, "$plain`n") } catch { $null = $_ } }
  }
  $time = ''
  if ([long]$session.expires -gt 0) {
    $time = __awsrole_time ([long]$session.expires - [DateTimeOffset]::UtcNow.ToUnixTimeSeconds())
    $time = if ([string]::Equals($time, 'EXPIRED')) { ', EXPIRED' } else { ", $time left" }
  }
  __awsrole_say ($session.says + $time)
}

# Puts a session into the shell. Called where Ctrl-C has to wait.
function global:__awsrole_take {
  [System.Diagnostics.DebuggerHidden()] param($session)
  __awsrole_restore
  $base = $global:__awsrole_state.base
  foreach ($name in $session.unset.Split([char[]]@(32), [StringSplitOptions]::RemoveEmptyEntries)) {
    $base[$name] = [Environment]::GetEnvironmentVariable($name)
    [Environment]::SetEnvironmentVariable($name, [NullString]::Value)
  }
  $names = foreach ($line in $session.set.Split([char[]]@(10), [StringSplitOptions]::RemoveEmptyEntries)) {
    $at = $line.IndexOf([char]'=')
    $name = $line.Substring(0, $at)
    if (-not $base.Contains($name)) { $base[$name] = [Environment]::GetEnvironmentVariable($name) }
    [Environment]::SetEnvironmentVariable($name, $line.Substring($at + 1))
    $name
  }
  [Environment]::SetEnvironmentVariable('AWSROLE_NAMES', $names -join ' ')
}

# Seconds that are left, in words.
function global:__awsrole_time([long] $left) {
  if ($left -le 0) { return 'EXPIRED' }
  $minutes = [long][Math]::Floor(($left + 59) / 60)
  if ($minutes -lt 100) { return "${minutes}m" }
  $hours = [long][Math]::Floor($minutes / 60)
  "${hours}h$(($minutes - $hours * 60).ToString('00', [Globalization.CultureInfo]::InvariantCulture))m"
}

# Where this shell stands: the key of what decides its sessions, and the files that they are made from.
function global:__awsrole_place {
  $state = $global:__awsrole_state
  $root = if ($state.windows) { '([A-Za-z]:)?[\\/]' } else { '/' }
  $from = [Environment]::GetEnvironmentVariable('HOME')
  if (-not $from -and $state.windows) { $from = [Environment]::GetEnvironmentVariable('USERPROFILE') }
  $unknown = $false
  # What the role that is held has set itself does not count: the core is started without it.
  $values = foreach ($name in 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL',
    'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') {
    if ($state.base.Contains($name)) {
      if ($state.inherited) { $unknown = $true }
      [string]$state.base[$name]
    } else { [string][Environment]::GetEnvironmentVariable($name) }
  }
  $config, $credentials, $endpoint, $general, $ignores = $values
  if (-not $config) { $config = "$from/.aws/config" }
  if (-not $credentials) { $credentials = "$from/.aws/credentials" }
  if (-not $endpoint) { $endpoint = $general }
  $key = "$from|$config|$credentials|$endpoint"
  if ($unknown -or $ignores -or $key -cnotmatch "^($root[^|\p{Cc}]*\|){3}[^|\p{Cc}]*\z") { $key = '-' }
  $settings = [Environment]::GetEnvironmentVariable('XDG_CONFIG_HOME')
  if ($settings -cnotmatch "^$root") { $settings = "$from/.config" }
  $folder = [Environment]::GetEnvironmentVariable('XDG_CACHE_HOME')
  if ($folder -cnotmatch "^$root" -and $state.windows) { $folder = [Environment]::GetEnvironmentVariable('LOCALAPPDATA') }
  if (-not $folder -or (-not $state.windows -and $folder[0] -ne '/')) { $folder = "$from/.cache" }
  @{ key = $key; config = $config; credentials = $credentials; settings = "$settings/awsrole/config"; folder = "$folder/awsrole" }
}

# The session that the cache has for a name, if it can be trusted and was made for a shell like this one.
function global:__awsrole_kept {
  [System.Diagnostics.DebuggerHidden()] param([string] $name, $place)
  if ([string]::Equals($place.key, '-') -or $name.Length -gt 100 -or $name -cmatch '\p{Cc}') { return }
  $file = $name
  if ($name -cmatch '[%/\\:*?"<>|]') { $file = [regex]::Replace($name, '[%/\\:*?"<>|]', { '%{0:X2}' -f [int][char]$args[0].Value }) }
  try {
    $session = __awsrole_parse (__awsrole_read $place.folder 'shell' "s-$file.session")
    if ($null -ne $session -and [string]::Equals($session.guard, '-') -and [string]::Equals($session.name, $name) -and
      [string]::Equals($session.key, $place.key) -and (__awsrole_unchanged $place.config $session.config) -and
      (__awsrole_unchanged $place.credentials $session.credentials) -and
      (__awsrole_unchanged $place.settings $session.settings)) { $session }
  } catch { return }
}

# Takes session lines apart; nothing unless they are whole and well-formed.
function global:__awsrole_parse {
  [System.Diagnostics.DebuggerHidden()] param([string] $text)
  if ($text -cmatch ('^awsrole-session 2 (?<name>[^\p{Cc}]*)\nfor (?<key>[^\p{Cc}]+)\n' +
      'states (?<config>[0-9a-z.-]+) (?<credentials>[0-9a-z.-]+) (?<settings>[0-9a-z.-]+)\n' +
      'times (?<renew>[0-9]{1,12}) (?<expires>[0-9]{1,12})\nsays (?<says>[^\p{Cc}]*)\nshows (?<guard>[^\p{Cc} ]+) [^\p{Cc} ]+\n' +
      'unset(?<unset>( AWS[A-Z0-9_]*)*)\n(?<set>(AWS[A-Z0-9_]*=[^\p{Cc}]*\n)+)end\n\z')) { $Matches }
}

# The text of a file in a folder of our cache, if nobody else can have written it.
function global:__awsrole_read {
  [System.Diagnostics.DebuggerHidden()] param([string] $cache, [string] $folder, [string] $file)
  $path = "$cache/$folder/$file"
  $found = [IO.FileInfo]::new($path)
  # A pipe has no length, and is not opened: that would wait for whoever writes into it.
  if ($found.Exists -and $found.Length -gt 0 -and (__awsrole_is_ours $cache $false) -and
    (__awsrole_is_ours "$cache/$folder" $true) -and (__awsrole_is_ours $path $true)) {
    [IO.File]::ReadAllText($path, [Text.UTF8Encoding]::new($false, $true))
  }
}

# True when a file or folder belongs to us and nobody else may write to it. With $itself a link is none of ours.
# PowerShell has no public way to ask but a cmdlet, so it is its own stat, and without that no file is ours. On Windows the
# access list of the profile's folder protects what is in there.
function global:__awsrole_is_ours([string] $path, [bool] $itself) {
  $state = $global:__awsrole_state
  if ($state.windows) {
    return -not ($itself -and ([IO.File]::GetAttributes($path) -band [IO.FileAttributes]'ReparsePoint'))
  }
  if ($null -eq $state.stat) {
    $all = [Reflection.BindingFlags]'NonPublic, Public, Static'
    $unix = [System.Management.Automation.Platform].GetNestedType('Unix', $all)
    $state.stat = @($unix.GetMethod('GetStat', $all), $unix.GetMethod('GetLStat', $all), [Environment]::UserName)
  }
  $stat = $state.stat[[int]$itself].Invoke($null, @($path))
  $state.stat[2] -and [string]::Equals($stat.GetUserName(), $state.stat[2]) -and -not ($stat.Mode -band 18) -and
  ($stat.ItemType -eq 'File' -or $stat.ItemType -eq 'Directory')
}

# True while a file is in the state that was recorded: `absent`, or its stamp, which ends with nanoseconds since 1970.
function global:__awsrole_unchanged([string] $path, [string] $recorded) {
  $found = [IO.FileInfo]::new($path)
  if ([string]::Equals($recorded, 'absent')) { return [int]$found.Attributes -eq -1 }
  if ([int]$found.Attributes -eq -1 -or $recorded -cnotmatch '^[0-9a-f]+\.([0-9]{3,18})[0-9]{2}\z') { return $false }
  $ticks = [long]$Matches[1] # of 100 ns: .NET knows no smaller ones
  if ($found.Attributes -band [IO.FileAttributes]'ReparsePoint') {
    if ($null -eq $found.PSObject.Methods['ResolveLinkTarget']) { return $false } # as in 5.1
    $target = $found.ResolveLinkTarget($true)
    if ($null -ne $target) { $found = $target }
  }
  # 621355968000000000: 1970 in ticks since the year 1.
  $found.Exists -and $found.LastWriteTimeUtc.Ticks - 621355968000000000 -eq $ticks
}

# Asks the core for lines that this shell takes, for the shell's key.
function global:__awsrole_ask {
  [System.Diagnostics.DebuggerHidden()] param([string[]] $words, $piped, [string] $key)
  # Its status is ours to judge, and where its errors are redirected 5.1 would take each for an end.
  $ErrorActionPreference = 'Continue'
  $PSNativeCommandUseErrorActionPreference = $false
  $extra = @{ AWSROLE_SHELL = $key }
  if ((__awsrole_inside $Host.UI 'IsTranscribing') -and (__awsrole_is_on_screen)) {
    # A transcript gets nothing of what a native command says by itself.
    __awsrole_core $words $piped $extra 2>&1 | & {
      process { if ($_ -is [System.Management.Automation.ErrorRecord]) { $Host.UI.WriteErrorLine([string]$_) } else { $_ } }
    }
  } else {
    __awsrole_core $words $piped $extra
  }
}

# Runs the launcher, on Windows the core, as the native command that it is: PowerShell redirects it and stops it as any
# other. With $extra it gets the environment from before this shell's first switch, and these variables.
function global:__awsrole_core {
  [System.Diagnostics.DebuggerHidden()] param([string[]] $words, $piped, $extra)
  $state = $global:__awsrole_state
  $isExec = $words.Count -gt 0 -and [string]::Equals($words[0], 'exec')
  $program, $arguments = __awsrole_program $isExec
  if (-not $program) { return }
  $arguments = [string[]]@($arguments) + $words
  $PSNativeCommandArgumentPassing = 'Standard'
  if ($PSVersionTable.PSVersion -lt '7.3') {
    # There, an argument has to be as Windows programs take it apart: a backslash is doubled before a quote only.
    $arguments = foreach ($argument in $arguments) { '"' + ($argument -replace '(\\*)"', '$1$1\"' -replace '(\\+)\z', '$1$1') + '"' }
  }
  $runtime = $file = $null
  $current = __awsrole_current
  if ($null -ne $current) { $runtime = __awsrole_inside $current.Invoke() 'CommandRuntime' }
  $output = __awsrole_inside $runtime 'OutputPipe'
  $next = __awsrole_inside $output ('DownstreamCmdlet', 'CommandInfo', 'Name')
  # The file of a redirection, where others may write to it as well: only a native command's own keeps its bytes.
  $commands = __awsrole_inside $output ('PipelineProcessor', 'Commands')
  if (-not $state.windows -and $null -ne $commands -and
    -not [object]::ReferenceEquals($output, (__awsrole_inside $runtime 'ErrorOutputPipe'))) { # not `*>`
    $file = __awsrole_inside $commands[0] ('Command', 'FilePath')
  }
  $saved = @{}
  $back = {
    __awsrole_put $saved
    $saved.Clear()
  }
  $encoding = $null
  try {
    if ($null -ne $extra) {
      foreach ($name in $state.base.Keys) { $extra[$name] = $state.base[$name] }
      if ($state.base.Count -gt 0) { $extra['AWSROLE_NAMES'] = $null }
      foreach ($name in $extra.Keys) { $saved[$name] = [Environment]::GetEnvironmentVariable($name) }
      __awsrole_put $extra
    }
    # The core prints UTF-8; what `exec` starts, as native programs do.
    if (-not $isExec -and [Console]::OutputEncoding.CodePage -ne 65001) {
      $encoding = [Console]::OutputEncoding
      try { [Console]::OutputEncoding = [Text.UTF8Encoding]::new($false) } catch { $encoding = $null } # without a console
    }
    # The file is there, and emptied if it was to be. What runs behind a pipe is in the role of this shell.
    if ($null -ne $file) {
      if ($null -eq $piped) { & $program $arguments >> $file } else { $piped | & $program $arguments >> $file }
    } elseif ($saved.Count -gt 0 -and $null -ne $next -and -not [string]::Equals($next, 'Out-Default')) {
      $pass = { process { & $back; $_ } }
      if ($null -eq $piped) { & $program $arguments | & $pass } else { $piped | & $program $arguments | & $pass }
    } elseif ($null -eq $piped) { & $program $arguments } else { $piped | & $program $arguments }
  } finally {
    & $back
    if ($null -ne $encoding) { [Console]::OutputEncoding = $encoding }
  }
}

# What is started, and its first arguments: a shell and the launcher, on Windows Node and the core; nothing, with a
# message, where that is missing.
function global:__awsrole_program([bool] $isExec) {
  $global:LASTEXITCODE = 1
  $windows = $global:__awsrole_state.windows
  $tree = [IO.Path]::GetFullPath($global:__awsrole_tree)
  $file = if ($windows) { "$tree/dist/cli.mjs" } else { "$tree/shell/awsrole" }
  if (-not [IO.File]::Exists($file)) { return __awsrole_say "awsrole: its program is gone from $tree; install it again" }
  # Where sh is dash, variables with odd names and exported functions would be lost on the way to the command.
  $found = $ExecutionContext.InvokeCommand.GetCommand($(if ($windows) { 'node.exe' } else { 'bash' }), 'Application')
  if (-not $windows -and $isExec -and $null -ne $found) { return $found.Path, '--posix', '-p', $file }
  if (-not $windows) { return '/bin/sh', $file }
  if ([IO.File]::Exists("$tree/node-path")) {
    $node = [IO.File]::ReadAllText("$tree/node-path").Trim() -replace '^/([A-Za-z])/', '$1:/' # Git Bash may have written it
    if ([IO.File]::Exists($node)) { return $node, $file }
  }
  if ($null -ne $found) { return $found.Path, $file }
  __awsrole_say "awsrole: Node.js was not found.`n  Install Node.js 20.19 or newer and put it on PATH, or install awsrole again to record where it is."
}

# Puts our segment in front of the user's prompt; also when that was changed after this file was loaded.
function global:__awsrole_wrap_prompt {
  if ($null -ne $global:__awsrole_wrapper -and ${function:prompt} -eq $global:__awsrole_wrapper) { return }
  if ($null -ne ${function:prompt}) { $global:__awsrole_prompts += ${function:prompt} }
  function global:prompt { __awsrole_draw $? }
  $global:__awsrole_wrapper = ${function:prompt}
}

# The segment, and the user's prompt behind it, which finds `$?` and $LASTEXITCODE as the last command has left them.
function global:__awsrole_draw([bool] $succeeded) {
  $__awsrole_status = $ExecutionContext.SessionState.PSVariable.GetValue('global:LASTEXITCODE')
  $__awsrole_before = $global:__awsrole_state.depth
  # A prompt that calls the one before it, which is ours: that draws no second segment.
  $__awsrole_segment = if ($__awsrole_before -lt 0) { __awsrole_segment } else { '' }
  $global:__awsrole_state.depth = $(if ($__awsrole_before -lt 0) { $global:__awsrole_prompts.Count } else { $__awsrole_before }) - 1
  try {
    if ($global:__awsrole_state.depth -lt 0) { return '' }
    $__awsrole_theirs = $global:__awsrole_prompts[$global:__awsrole_state.depth]
    if ($succeeded) {
      $__awsrole_text = @(& $__awsrole_theirs)
    } else {
      & $global:__awsrole_state.error 'awsrole' -ErrorAction Ignore # makes `$?` false
      $__awsrole_text = @(& $__awsrole_theirs)
    }
  } finally {
    $global:__awsrole_state.depth = $__awsrole_before
    if ($null -ne $__awsrole_status) { $global:LASTEXITCODE = $__awsrole_status }
  }
  $__awsrole_first = 'PS>' # what PowerShell shows for nothing
  if ($__awsrole_text.Count -gt 0 -and [string]$__awsrole_text[0]) { $__awsrole_first = [string]$__awsrole_text[0] }
  # Behind the empty lines that some begin with.
  $__awsrole_rest = $__awsrole_first.TrimStart([char]13, [char]10)
  $__awsrole_first.Substring(0, $__awsrole_first.Length - $__awsrole_rest.Length) + $__awsrole_segment + $__awsrole_rest
}

# True while the shell holds what was put there: the wrong account under a right-looking prompt is the worst accident.
function global:__awsrole_tells_the_truth {
  [string]::Equals([Environment]::GetEnvironmentVariable('AWS_ACCESS_KEY_ID'), [Environment]::GetEnvironmentVariable('AWSROLE_ACCESS_KEY_ID')) -and
  $null -eq [Environment]::GetEnvironmentVariable('AWS_PROFILE')
}

# Who this shell is and for how long; empty while no role is held.
function global:__awsrole_segment {
  $state = $global:__awsrole_state
  $name = [Environment]::GetEnvironmentVariable('AWSROLE_PROFILE')
  if (-not $name) { return '' }
  $now = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
  if ($state.plain -and $state.renew -gt 0 -and $now -ge $state.renew) { __awsrole_renew }
  if ([string]::Equals([Environment]::GetEnvironmentVariable('AWSROLE_PROMPT'), 'off')) { return '' }
  if ($name.StartsWith('arn:', [StringComparison]::Ordinal) -and $name.Contains('/')) {
    $name = "$([Environment]::GetEnvironmentVariable('AWSROLE_ACCOUNT_ID')):$($name.Substring($name.LastIndexOf('/') + 1))"
  }
  $colour = 36
  $expires = [Environment]::GetEnvironmentVariable('AWSROLE_EXPIRES')
  $time = ''
  $text = $name
  if (-not (__awsrole_tells_the_truth)) {
    $time = '?'
    $text += '?'
    $colour = 31
  } elseif ($expires -cmatch '^[0-9]{1,12}\z') {
    $left = [long]$expires - $now
    $time = __awsrole_time $left
    $text += " $time"
    if ($left -le 0) { $colour = 31 } elseif ($left -le 600) { $colour = 33 }
  }
  $filled = "($text) "
  $format = [Environment]::GetEnvironmentVariable('AWSROLE_PROMPT_FORMAT')
  if ($null -ne $format) {
    $values = @{ s = $text; p = $name; t = $time; r = [Environment]::GetEnvironmentVariable('AWS_REGION')
      a = [Environment]::GetEnvironmentVariable('AWSROLE_ACCOUNT_ID'); '%' = '%' }
    $filled = [regex]::Replace($format, '%([sptra%])', { $values[$args[0].Groups[1].Value] })
  }
  if ([Environment]::GetEnvironmentVariable('NO_COLOR') -or [Environment]::GetEnvironmentVariable('TERM') -eq 'dumb' -or
    -not $Host.UI.SupportsVirtualTerminal) { return $filled }
  "$([char]27)[${colour}m$filled$([char]27)[0m"
}

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they
# are. Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
function global:__awsrole_renew {
  [System.Diagnostics.DebuggerHidden()] param()
  $state = $global:__awsrole_state
  $held = [Environment]::GetEnvironmentVariable('AWSROLE_EXPIRES')
  if ($held -cnotmatch '^[0-9]{1,12}\z' -or -not (__awsrole_tells_the_truth)) { return }
  $session = __awsrole_kept $state.plain (__awsrole_place)
  if ($null -eq $session -or [long]$session.expires -le [long]$held) { return }
  # Of a user's MFA session the device tells whose it is.
  $role = [Environment]::GetEnvironmentVariable('AWSROLE_ROLE_ARN')
  $device = [Environment]::GetEnvironmentVariable('AWSROLE_MFA_SERIAL')
  $sets = "`n$($session.set)"
  if (-not ($sets.Contains("`nAWSROLE_ROLE_ARN=$role`n") -or $sets.Contains("`nAWSROLE_MFA_SERIAL=$device`n"))) { return }
  try { } finally {
    __awsrole_take $session
    $state.renew = [long]$session.renew
  }
}

# Profile names (roles first) and commands are known here, everything else to the core; gives CompletionResults.
function global:__awsrole_complete([string] $word, $command, [int] $cursor) {
  $ErrorActionPreference = 'Stop'
  $before = [string[]]@()
  $current = ''
  foreach ($element in $command.CommandElements) {
    if ($element.Extent.StartOffset -ge $cursor) { break }
    $text = $element.Extent.Text
    $value = $element.PSObject.Properties['Value']
    if ($null -ne $value -and $value.Value -is [string]) { $text = $value.Value }
    if ($element.Extent.EndOffset -lt $cursor) { $before += $text } else { $current = $text }
    if ([string]::Equals($before[-1], '--') -and $before.Count -gt 3 -and [string]::Equals($before[1], 'exec')) {
      # The rest is a command line of its own.
      $line = $command.Extent.StartScriptPosition.GetFullScript().Substring(0, $cursor).Substring($element.Extent.EndOffset)
      return [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
    }
  }
  $isFirst = $before.Count -eq 1
  if (-not $current.StartsWith('-', [StringComparison]::Ordinal) -and
    ($isFirst -or ($before.Count -eq 2 -and [string]::Equals($before[1], 'exec')))) {
    $commands = $global:__awsrole_commands.Trim().Split(' ')
    # Such a name is no profile where it stands: behind `--` it is.
    $lines = @(foreach ($line in __awsrole_index) {
        if ($line.StartsWith($current, [StringComparison]::OrdinalIgnoreCase) -and $line[0] -ne '-' -and
          -not ($isFirst -and $commands -ccontains $line.Split([char]9)[0])) { $line }
      })
    if ($isFirst) { $lines += $commands[0..($commands.Count - 5)] } # the last four are not for people
  } else {
    $asked = [string[]]@('complete', 'powershell')
    if (-not $isFirst) { $asked += $before[1..($before.Count - 1)] }
    $kind, $lines = __awsrole_ask_quietly ($asked + $current)
    if ([string]::Equals($kind, 'files')) { return [System.Management.Automation.CompletionCompleters]::CompleteFilename($current) }
  }
  $isQuoted = $word -and $word[0] -match '[''"]'
  $safe = '^([A-Za-z0-9_]|--)[A-Za-z0-9_.:/+=@-]*\z|^-[A-Za-z0-9_-]*\z'
  foreach ($line in $lines) {
    if (-not $line.StartsWith($current, [StringComparison]::OrdinalIgnoreCase)) { continue }
    $text, $note = $line.Split([char[]]@(9), 2)
    # The four typographic quotes are as good as the plain one.
    $shown = if ($isQuoted -or $text -cnotmatch $safe) { "'" + ($text -replace "['\u2018-\u201b]", '$0$0') + "'" } else { $text }
    [System.Management.Automation.CompletionResult]::new($shown, $text, 'ParameterValue', $(if ($note) { $note } else { $text }))
  }
}

# What the core prints, without a question, a message or a trace of it.
function global:__awsrole_ask_quietly([string[]] $words) {
  $status = $ExecutionContext.SessionState.PSVariable.GetValue('global:LASTEXITCODE')
  try { __awsrole_ask $words @() (__awsrole_place).key 2>$null } finally { $global:LASTEXITCODE = $status }
}

# The index's lines of profiles: from its file while that is current, else from the core, which writes it anew.
function global:__awsrole_index {
  $place = __awsrole_place
  $lines = try { ([string](__awsrole_read $place.folder 'completion' 'index')).TrimEnd([char]10).Split([char]10) } catch { '' }
  $states = if ($lines.Count -gt 3 -and $place.key -ne '-') { $lines[2].Split(' ') } else { @() }
  if ($states.Count -ne 3 -or -not ([string]::Equals($lines[1], "for $($place.key)") -and
      (__awsrole_unchanged $place.config $states[1]) -and (__awsrole_unchanged $place.credentials $states[2]))) {
    $lines = @(__awsrole_ask_quietly 'index-lines')
  }
  if ($lines.Count -gt 4 -and [string]::Equals($lines[0], 'awsrole-index 2') -and [string]::Equals($lines[-1], 'end')) {
    $lines[3..($lines.Count - 2)]
  }
}

Register-ArgumentCompleter -Native -CommandName awsrole -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  __awsrole_adopt
  try { __awsrole_complete $wordToComplete $commandAst $cursorPosition } catch { return } # never an error on a Tab
}
__awsrole_wrap_prompt
