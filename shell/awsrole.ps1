# awsrole for Windows PowerShell 5.1 and PowerShell 7: `awsrole PROFILE` puts the session of an AWS role into this shell.
#
# A session arrives as lines of `key value`, from awsrole's cache or from the core. They are read into locals, checked
# as a whole, and only then applied; nothing is ever evaluated. What the shell held before its first switch is kept in
# $__awsrole_state, so that `awsrole off` can put it back.
#
# No cmdlet is called but Register-ArgumentCompleter: loading the modules of the others takes longer than a switch.
# Texts are compared by [string]::Equals, since -ceq takes some texts for equal that are not the same.
# DebuggerHidden keeps a trace (Set-PSDebug) from showing secrets.

# The first use of a method, a property or of most operators costs a new shell some milliseconds: so few of them here.
& {
  Set-StrictMode -Off # in here only: what is not there is $null
  if ($null -eq $global:__awsrole_state) {
    $global:__awsrole_state = @{
      windows = -not ($IsLinux -or $IsMacOS)
      engine = $null # what __awsrole_engine found
      stat = $null # what __awsrole_stat found
      kept = @{} # what the variables that we changed were before the first switch; $null: not set
      inherited = $false # only their names are known, from a parent shell
      current = $null # the words of the last switch, or `off`
      previous = $null # those before
      plain = '' # the profile, if it was switched to by its name alone: that is renewed
      renew = 0 # epoch seconds after which a prompt looks for a newer session
      depth = -1 # which of the prompts is drawing
    }
    $global:__awsrole_wrapper = $null # our `prompt`
    $global:__awsrole_prompts = @() # what `prompt` was each time it was wrapped
  }
  # `awsrole init powershell` sets the root in a line of its own, as its text is read from no file.
  $global:__awsrole_tree = if ($null -ne $__awsrole_root) { $__awsrole_root } else { "$PSScriptRoot/.." }
}
$__awsrole_root = $null

# Neither [CmdletBinding()] nor [Parameter()]: PowerShell would then take -v and -d for itself.
function global:awsrole {
  [System.Diagnostics.DebuggerHidden()]
  param()
  $ErrorActionPreference = 'Stop'
  $state = $global:__awsrole_state
  $piped = $null
  if ($MyInvocation.ExpectingInput) { $piped = @($input) }
  $engine = $state.engine
  if ($null -eq $engine) { $engine = $state.engine = __awsrole_engine }
  $runtime = $null
  if ($engine -is [hashtable]) { $runtime = $engine.runtime.GetValue($engine.current.GetValue($engine.context, $null), $null) }
  $captured = __awsrole_is_captured $engine $runtime $MyInvocation
  $ended = $false
  $global:LASTEXITCODE = 0
  try {
    __awsrole_main (__awsrole_words $MyInvocation $args) $piped $captured
    __awsrole_wrap_prompt
    $ended = $true
  } catch {
    __awsrole_say "awsrole: unexpected: $($_.Exception.Message)"
    $global:LASTEXITCODE = 1
    $ended = $true
  } finally {
    if (-not $ended) { $global:LASTEXITCODE = 130 } # stopped by Ctrl-C
    if ($global:LASTEXITCODE -ne 0 -and $null -ne $runtime) {
      $engine.failed.SetValue($engine.pipeline.GetValue($runtime, $null), $true, $null)
    }
  }
}

# Two things that only a cmdlet has a public way to do: to fail without an error record, for `$?` and
# `awsrole a && terraform apply`; and to know where its output goes. $false where the engine is not built like that.
function global:__awsrole_engine {
  try {
    $all = [Reflection.BindingFlags]'NonPublic, Public, Instance'
    $context = $ExecutionContext.GetType().GetField('_context', $all).GetValue($ExecutionContext)
    $current = $context.GetType().GetProperty('CurrentCommandProcessor', $all)
    $processor = $current.GetValue($context, $null)
    $runtime = $processor.GetType().GetProperty('CommandRuntime', $all)
    $type = $runtime.GetValue($processor, $null).GetType()
    $pipeline = $type.GetProperty('PipelineProcessor', $all)
    $output = $type.GetProperty('OutputPipe', $all)
    $engine = @{
      context = $context
      current = $current
      runtime = $runtime
      pipeline = $pipeline
      failed = $pipeline.PropertyType.GetProperty('ExecutionFailed', $all)
      output = $output
      downstream = $output.PropertyType.GetProperty('DownstreamCmdlet', $all)
      command = $runtime.DeclaringType.GetProperty('CommandInfo', $all)
    }
    if ($engine.failed.CanWrite -and $null -ne $engine.downstream -and $null -ne $engine.command) { return $engine }
  } catch { }
  $false
}

# False when our output goes to the screen: then a command may have the terminal itself, as native commands do.
function global:__awsrole_is_captured($engine, $runtime, $invocation) {
  if ($null -eq $runtime) { return $invocation.PipelinePosition -lt $invocation.PipelineLength }
  $next = $engine.downstream.GetValue($engine.output.GetValue($runtime, $null), $null)
  $null -eq $next -or $engine.command.GetValue($next, $null).Name -ne 'Out-Default'
}

# The words as they were typed. PowerShell eats a bare `--`, makes an array of `a,b` and two words of `-a:b`; where there
# is any of that, the line is looked at.
function global:__awsrole_words($invocation, $arguments) {
  $words = [System.Collections.Generic.List[string]]::new()
  $line = [string]$invocation.Line
  $asTyped = -not ($line.Contains('--') -or $line.Contains('`') -or $line.Contains('@'))
  foreach ($argument in $arguments) {
    if ($argument -is [array] -or ($argument -is [string] -and $argument.Length -gt 1 -and $argument[0] -eq '-' -and
        $argument[$argument.Length - 1] -eq ':')) { $asTyped = $false }
  }
  if (-not $asTyped) {
    $statement = $invocation.PSObject.Properties['Statement'] # since 7.4; all of it, where it goes over several lines
    if ($null -ne $statement -and $statement.Value) {
      $line = $statement.Value
    } elseif ($line -and $invocation.OffsetInLine -gt 0) {
      $line = $line.Substring($invocation.OffsetInLine - 1)
    }
    if ($line -and (__awsrole_reread $line $arguments $words)) { return , $words.ToArray() }
    $words.Clear()
  }
  foreach ($argument in $arguments) {
    foreach ($part in $argument) { $words.Add([string]$part) } # a number's text is what was typed
  }
  if (-not $asTyped) {
    # Called through another function: what follows the profile of `exec` is the command.
    if ($words.Count -gt 2 -and [string]::Equals($words[0], 'exec') -and -not $words.Contains('--')) {
      $at = 1
      while ($at -lt $words.Count -and $words[$at].StartsWith('-')) {
        if (__awsrole_takes_value $words[$at]) { $at++ }
        $at++
      }
      if ($at + 1 -lt $words.Count) { $words.Insert($at + 1, '--') }
    }
  }
  return , $words.ToArray()
}

# Reads the words of the command that the line begins with; false unless they say the same as the arguments.
function global:__awsrole_reread([string] $line, $arguments, $words) {
  $tokens = $null
  $errors = $null
  $tree = [System.Management.Automation.Language.Parser]::ParseInput($line, [ref]$tokens, [ref]$errors)
  $command = $tree.Find({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $false)
  if ($null -eq $command) { return $false }
  $at = 0
  for ($i = 1; $i -lt $command.CommandElements.Count; $i++) {
    $element = $command.CommandElements[$i]
    $kind = $element.GetType().Name
    if ([string]::Equals($element.Extent.Text, '--') -and
      ($at -ge $arguments.Count -or -not [object]::Equals($arguments[$at], '--'))) {
      $words.Add('--')
      continue
    }
    if ($at -ge $arguments.Count) { return $false }
    $argument = $arguments[$at]
    $at++
    switch ($kind) {
      'StringConstantExpressionAst' {
        if (-not [object]::Equals($element.Value, $argument)) { return $false }
        $text = $element.Value
        $next = $null
        if ($i + 1 -lt $command.CommandElements.Count) { $next = $command.CommandElements[$i + 1] }
        if ($null -ne $next -and $next.Extent.StartOffset -eq $element.Extent.EndOffset) {
          # `-a:b` behind a `--`
          if ($at -ge $arguments.Count) { return $false }
          if ($next.GetType().Name -eq 'ConstantExpressionAst') { $text += $next.Extent.Text } else { $text += [string]$arguments[$at] }
          $at++
          $i++
        }
        $words.Add($text)
      }
      'ConstantExpressionAst' {
        if (-not [object]::Equals($element.Value, $argument)) { return $false }
        $words.Add($element.Extent.Text)
      }
      'CommandParameterAst' {
        $text = $element.Extent.Text
        if ($null -ne $element.Argument) {
          if ($at -ge $arguments.Count) { return $false }
          $text = $text.Substring(0, $text.IndexOf(':') + 1)
          if (-not [object]::Equals($text, $argument)) { return $false }
          if ($element.Argument.GetType().Name -eq 'ConstantExpressionAst') {
            $text += $element.Argument.Extent.Text
          } else {
            $text += [string]$arguments[$at]
          }
          $at++
        } elseif (-not [object]::Equals($text, $argument)) { return $false }
        $words.Add($text)
      }
      'ArrayLiteralAst' {
        if ($argument -isnot [array] -or $argument.Count -ne $element.Elements.Count) { return $false }
        $texts = for ($j = 0; $j -lt $argument.Count; $j++) {
          if ($element.Elements[$j].GetType().Name -eq 'ConstantExpressionAst') {
            $element.Elements[$j].Extent.Text
          } else {
            [string]$argument[$j]
          }
        }
        $words.Add($texts -join ',')
      }
      default {
        if ($kind -eq 'VariableExpressionAst' -and $element.Splatted) { return $false }
        foreach ($part in $argument) { $words.Add([string]$part) }
      }
    }
  }
  $at -eq $arguments.Count
}

# What the words ask for: a switch, a command that the shell answers itself, or one of the core's.
# Sets $LASTEXITCODE, and hands out what the core prints if that is captured.
function global:__awsrole_main {
  [System.Diagnostics.DebuggerHidden()]
  param([string[]] $words, $piped, $captured)
  $state = $global:__awsrole_state
  $verb = ''
  $name = ''
  $skip = $false
  $rest = $false
  __awsrole_adopt
  foreach ($word in $words) {
    if ($skip) {
      $skip = $false
      continue
    }
    if ($rest) {
      $name = $word
      break
    }
    if ([string]::Equals($word, '--')) {
      $rest = $true
      if (-not $verb) { $verb = 'switch' }
    } elseif ($word -cmatch '^(-h|--help|--version|--dry-run)\z') {
      $verb = 'core'
      break
    } elseif ($word.StartsWith('--', [StringComparison]::Ordinal) -and (__awsrole_takes_value $word)) {
      $skip = $true
    } elseif ([string]::Equals($word, '-')) {
      if (-not $verb) { $verb = 'previous' }
    } elseif (-not $word.StartsWith('-', [StringComparison]::Ordinal) -and -not $verb) {
      if ([string]::Equals($word, 'off')) {
        $verb = 'off'
      } elseif ([string]::Equals($word, 'whoami')) {
        $verb = 'here'
      } elseif ($word -cmatch '^(exec|list|explain|clear|demo|init|credential-process|session-lines|index-lines)\z') {
        $verb = 'core'
        break
      } else {
        $verb = 'switch'
        $name = $word
      }
    }
  }
  if ($verb -eq 'switch') {
    __awsrole_switch $name $words $piped
  } elseif ($verb -eq 'off' -or $verb -eq 'previous') {
    if ($words.Count -gt 1) {
      __awsrole_say "awsrole $($words[$words.Count - 1]): '$verb' takes no other words; run: awsrole --help"
      $global:LASTEXITCODE = 2
    } elseif ($verb -eq 'off') {
      __awsrole_off
    } elseif ($null -eq $state.previous) {
      __awsrole_say 'awsrole -: there is no role before this one in this shell; run: awsrole PROFILE'
      $global:LASTEXITCODE = 2
    } else {
      __awsrole_main $state.previous $piped $captured
    }
  } else {
    # whoami and the bare word speak of what this shell holds
    __awsrole_run $words $piped ($verb -eq 'core') $captured
  }
}

# True for an option whose value is the next word.
function global:__awsrole_takes_value([string] $word) {
  $word -cmatch '^(--mfa-code|--source-profile|--region|--duration|--session-name|--external-id|--mfa-serial)\z' -or
  $word -cmatch '^(--source-identity|--tag|--transitive-tag|--policy|--policy-arn)\z'
}

function global:__awsrole_say([string] $text) {
  [Console]::Error.WriteLine($text)
}

# In a child of a switched shell only the names of the variables are known, not what they were before.
function global:__awsrole_adopt {
  $state = $global:__awsrole_state
  $names = [Environment]::GetEnvironmentVariable('AWSROLE_NAMES')
  if (-not $names -or $state.kept.Count -gt 0) { return }
  foreach ($name in $names.Split(' ')) {
    if ($name -cmatch '^AWS[A-Z0-9_]*\z' -and -not $state.kept.Contains($name)) { $state.kept.Add($name, $null) }
  }
  $state.inherited = $true
  $held = [Environment]::GetEnvironmentVariable('AWSROLE_PROFILE')
  if ($null -eq $state.current -and $held) { $state.current = [string[]]@('--', $held) }
}

# What a variable was before the first switch; $null if it was not set.
function global:__awsrole_base([string] $name) {
  $kept = $global:__awsrole_state.kept
  if ($kept.Contains($name)) { $kept[$name] } else { [Environment]::GetEnvironmentVariable($name) }
}

# [NullString], since PowerShell makes '' of $null, and '' sets an empty variable from .NET 9 on.
function global:__awsrole_put {
  [System.Diagnostics.DebuggerHidden()]
  param([string] $name, $value)
  if ($null -eq $value) { $value = [NullString]::Value }
  [Environment]::SetEnvironmentVariable($name, $value)
}

function global:__awsrole_off {
  [System.Diagnostics.DebuggerHidden()]
  param()
  $state = $global:__awsrole_state
  if ($state.kept.Count -eq 0) {
    __awsrole_say 'no role is held in this shell'
    return
  }
  $left = [Environment]::GetEnvironmentVariable('AWSROLE_PROFILE')
  if (-not $left) { $left = 'the role' }
  $names = [Environment]::GetEnvironmentVariable('AWSROLE_NAMES')
  $inherited = $state.inherited
  try { } finally {
    # In here Ctrl-C waits: never half a change.
    foreach ($name in $state.kept.Keys) { __awsrole_put $name $state.kept[$name] }
    __awsrole_put 'AWSROLE_NAMES' $null
    $state.kept = @{}
    $state.inherited = $false
    $state.plain = ''
    __awsrole_remember ([string[]]@('off'))
  }
  if ($inherited) {
    __awsrole_say "left ${left}: removed $names; what they were before, only the shell that switched knows"
  } else {
    __awsrole_say "left ${left}: the shell is as it was before"
  }
}

# The words of the state the shell is in now, for `awsrole -`.
function global:__awsrole_remember([string[]] $words) {
  $state = $global:__awsrole_state
  $before = $state.current
  if ($null -eq $before) { $before = [string[]]@('off') }
  if (-not [string]::Equals($words -join ' ', $before -join ' ')) { $state.previous = $before }
  $state.current = $words
}

# A switch to a profile; the words are those of the command line.
function global:__awsrole_switch {
  [System.Diagnostics.DebuggerHidden()]
  param([string] $name, [string[]] $words, $piped)
  $state = $global:__awsrole_state
  $plain = $words.Count -eq 1 -or ($words.Count -eq 2 -and [string]::Equals($words[0], '--'))
  $session = $null
  if ($plain) { $session = __awsrole_kept_session $name }
  if ($null -eq $session) {
    $text = __awsrole_capture ([string[]]@('session-lines') + $words) $piped
    if ($global:LASTEXITCODE -ne 0) { return }
    $session = __awsrole_parse $name (__awsrole_lines $text)
    if ($null -eq $session) {
      __awsrole_say 'awsrole: the core did not answer with whole session lines, so nothing was changed; install awsrole again'
      $global:LASTEXITCODE = 1
      return
    }
  }
  try { } finally {
    __awsrole_take $session
    $state.plain = ''
    if ($plain) {
      $state.plain = $name
      $state.renew = $session.renew
    }
    __awsrole_remember $words
  }
  __awsrole_tell $name $session
}

# Puts a session into the shell. Called where Ctrl-C has to wait.
function global:__awsrole_take {
  [System.Diagnostics.DebuggerHidden()]
  param($session)
  $state = $global:__awsrole_state
  $before = $state.kept
  $kept = @{}
  foreach ($names in $session.set.Keys, $session.unset) {
    foreach ($name in $names) {
      if ($before.Contains($name)) { $kept[$name] = $before[$name] } else { $kept[$name] = [Environment]::GetEnvironmentVariable($name) }
    }
  }
  # What only the role before this one had changed.
  foreach ($name in $before.Keys) {
    if (-not $kept.Contains($name)) { __awsrole_put $name $before[$name] }
  }
  $state.kept = $kept
  foreach ($name in $session.set.Keys) { [Environment]::SetEnvironmentVariable($name, $session.set[$name]) }
  foreach ($name in $session.unset) { [Environment]::SetEnvironmentVariable($name, [NullString]::Value) }
  [Environment]::SetEnvironmentVariable('AWSROLE_NAMES', @($session.set.Keys) -join ' ')
}

# Says what the shell holds now.
function global:__awsrole_tell([string] $name, $session) {
  $role = [Environment]::GetEnvironmentVariable('AWSROLE_ROLE_ARN')
  if (-not $role) {
    $account = [Environment]::GetEnvironmentVariable('AWSROLE_ACCOUNT_ID')
    if ($session.expires -le 0) { $role = 'long-lived keys' }
    elseif ($account) { $role = "a session in account $account" }
    else { $role = 'a session' }
  }
  $text = "${name}: $role"
  if ([string]::Equals($name, $role)) { $text = $name }
  $region = [Environment]::GetEnvironmentVariable('AWS_REGION')
  if ($region) { $text += ", $region" }
  if ($session.expires -gt 0) {
    $minutes = [long][Math]::Floor(($session.expires - (__awsrole_now) + 30) / 60)
    $hours = [long][Math]::Floor($minutes / 60)
    if ($minutes -lt 1) { $for = 'less than 1 min' }
    elseif ($minutes -lt 60) { $for = "$minutes min" }
    elseif ($minutes -eq $hours * 60) { $for = "$hours h" }
    else { $for = "$hours h $($minutes - $hours * 60) min" }
    $text += ", $($session.until) ($for)"
  }
  __awsrole_say $text
}

# Epoch seconds.
function global:__awsrole_now {
  [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
}

function global:__awsrole_home {
  $found = [Environment]::GetEnvironmentVariable('HOME')
  if (-not $found -and $global:__awsrole_state.windows) { $found = [Environment]::GetEnvironmentVariable('USERPROFILE') }
  [string]$found
}

# awsrole's cache folder; empty without a home.
function global:__awsrole_folder {
  $cache = [Environment]::GetEnvironmentVariable('XDG_CACHE_HOME')
  if ($cache -and $cache[0] -eq '/') { return "$cache/awsrole" }
  $local = [Environment]::GetEnvironmentVariable('LOCALAPPDATA')
  if ($global:__awsrole_state.windows -and $local) { return "$local\awsrole" }
  $found = __awsrole_home
  if ($found) { "$found/.cache/awsrole" } else { '' }
}

# The session that the cache has for a plain profile name, if it can be trusted and was made for a shell like this one.
function global:__awsrole_kept_session {
  [System.Diagnostics.DebuggerHidden()]
  param([string] $name)
  if ($name -cnotmatch '^[A-Za-z0-9_][A-Za-z0-9_.@+=,-]{0,99}\z') { return }
  $folder = __awsrole_folder
  if (-not $folder) { return }
  $text = __awsrole_read_private $folder 'shell' "s-$($name -creplace '[A-Z]', '%$0').session"
  if (-not $text) { return }
  $lines = __awsrole_lines $text
  if (-not (__awsrole_fits $lines $folder)) { return }
  __awsrole_parse $name $lines
}

function global:__awsrole_lines {
  [System.Diagnostics.DebuggerHidden()]
  param([string] $text)
  return , $text.Replace("`r`n", "`n").Split([char]10)
}

# The text of a file in a folder of our cache, if nobody else can have written it; it is opened once.
function global:__awsrole_read_private {
  [System.Diagnostics.DebuggerHidden()]
  param([string] $cache, [string] $folder, [string] $file)
  $path = "$cache/$folder/$file"
  $stream = $null
  try {
    $found = [IO.FileInfo]::new($path)
    # A pipe has no length, and is not opened: that would wait for whoever writes into it.
    if (-not $found.Exists -or $found.Length -eq 0 -or $found.Attributes -band [IO.FileAttributes]'ReparsePoint, Directory') {
      return
    }
    if (-not ((__awsrole_is_ours $cache $false) -and (__awsrole_is_ours "$cache/$folder" $true) -and (__awsrole_is_ours $path $true))) {
      return
    }
    $stream = [IO.FileStream]::new($path, [IO.FileMode]::Open, [IO.FileAccess]::Read, [IO.FileShare]'ReadWrite, Delete')
    [IO.StreamReader]::new($stream, [Text.UTF8Encoding]::new($false, $true)).ReadToEnd()
  } catch [IO.IOException], [UnauthorizedAccessException], [ArgumentException] {
    return
  } finally {
    if ($null -ne $stream) { $stream.Dispose() }
  }
}

# True when a file or folder belongs to us and nobody else may write to it. With $itself a link is none of ours.
# PowerShell has no public way to ask but a cmdlet, so it is its own stat, and without that no file is ours.
# On Windows the access list of the profile's folder protects what is in there.
function global:__awsrole_is_ours([string] $path, [bool] $itself) {
  $state = $global:__awsrole_state
  if ($state.windows) {
    return -not ($itself -and ([IO.File]::GetAttributes($path) -band [IO.FileAttributes]'ReparsePoint'))
  }
  $stat = __awsrole_stat $path $itself
  $null -ne $stat -and $stat.GetUserName() -and [string]::Equals($stat.GetUserName(), [Environment]::UserName) -and
  -not ($stat.Mode -band 18) -and ($stat.ItemType -eq 'File' -or $stat.ItemType -eq 'Directory')
}

# lstat, or stat, of a path on Unix; nothing where that cannot be had.
function global:__awsrole_stat([string] $path, [bool] $itself) {
  $state = $global:__awsrole_state
  if ($null -eq $state.stat) {
    $state.stat = $false
    $all = [Reflection.BindingFlags]'NonPublic, Public, Static'
    $unix = [System.Management.Automation.Platform].GetNestedType('Unix', $all)
    if ($null -ne $unix) {
      $methods = @{ link = $unix.GetMethod('GetLStat', $all); target = $unix.GetMethod('GetStat', $all) }
      if ($null -ne $methods.link -and $null -ne $methods.target) { $state.stat = $methods }
    }
  }
  if ($state.stat -isnot [hashtable]) { return }
  try {
    if ($itself) { $state.stat.link.Invoke($null, @($path)) } else { $state.stat.target.Invoke($null, @($path)) }
  } catch { return }
}

# The digits behind a header's key as a number; -1 if they are none or too many, 0 if nothing is there.
function global:__awsrole_number([string] $line, [string] $key) {
  if ([string]::Equals($line, $key)) { return [long]0 }
  if ($line -cmatch "^$key ([0-9]{1,11})\z") { return [long]::Parse($Matches[1], [Globalization.CultureInfo]::InvariantCulture) }
  [long]-1
}

# Takes session lines apart; nothing unless they are whole, well-formed and of the profile asked for.
# The first thirteen are the header, in this order, and need not be understood here.
function global:__awsrole_parse {
  [System.Diagnostics.DebuggerHidden()]
  param([string] $name, [string[]] $lines)
  # The end is the last line, so nothing is missing and nothing follows.
  $last = $lines.Count - 2
  if ($last -lt 14 -or $lines[$last + 1] -or -not [string]::Equals($lines[$last], 'end')) { return }
  if (-not [string]::Equals($lines[0], 'awsrole-session 1') -or -not [string]::Equals($lines[1], "profile $name")) { return }
  $renew = __awsrole_number $lines[10] 'renew-after'
  $expires = __awsrole_number $lines[11] 'expires'
  if ($renew -lt 0 -or $expires -lt 0 -or $lines[12] -cnotmatch '^until( |\z)') { return }
  $set = [ordered]@{}
  $unset = [System.Collections.Generic.List[string]]::new()
  for ($i = 13; $i -lt $last; $i++) {
    if ($lines[$i] -cmatch '^set (AWS[A-Z0-9_]*) (.*)\z') {
      $set[$Matches[1]] = $Matches[2]
    } elseif ($lines[$i] -cmatch '^unset (AWS[A-Z0-9_]*)\z') {
      $unset.Add($Matches[1])
    } else {
      return
    }
  }
  if ($set.Count -eq 0) { return }
  @{ set = $set; unset = $unset; renew = $renew; expires = $expires; until = $lines[12] }
}

# True when the session file's header was made for a shell like this one, from the AWS files as they are, and it lasts.
function global:__awsrole_fits([string[]] $lines, [string] $folder) {
  if ($lines.Count -lt 15 -or (__awsrole_number $lines[10] 'renew-after') -le (__awsrole_now)) { return $false }
  if (__awsrole_base 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') { return $false }
  $endpoint = __awsrole_base 'AWS_ENDPOINT_URL_STS'
  if (-not $endpoint) { $endpoint = __awsrole_base 'AWS_ENDPOINT_URL' }
  [string]::Equals($lines[9], "endpoint $endpoint".TrimEnd(' ')) -and (__awsrole_made_from $lines 2 $folder)
}

# True when the lines from number $at on name this home and both AWS files in the state they are in.
function global:__awsrole_made_from([string[]] $lines, [int] $at, [string] $folder) {
  $from = __awsrole_home
  $from -and [string]::Equals($lines[$at], "home $from") -and
  (__awsrole_unchanged $lines ($at + 1) 'config' (__awsrole_base 'AWS_CONFIG_FILE') $from) -and
  (__awsrole_unchanged $lines ($at + 4) 'credentials' (__awsrole_base 'AWS_SHARED_CREDENTIALS_FILE') $from)
}

# True when an AWS file is in the state that the three lines from number $at on recorded: its place, the stamp, which
# ends with its modification time in nanoseconds, and where it leads if a link is on the way.
function global:__awsrole_unchanged([string[]] $lines, [int] $at, [string] $kind, [string] $file, [string] $from) {
  $state = $global:__awsrole_state
  $place = $file
  if (-not $file) {
    $place = "~/.aws/$kind"
    $file = "$from/.aws/$kind"
  }
  if (-not [string]::Equals($lines[$at], "$kind-file $place")) { return $false }
  if ($state.windows) {
    if ($file -cnotmatch '^([A-Za-z]:[\\/]|\\\\)') { return $false }
  } elseif ($file[0] -ne '/') { return $false }
  if ([string]::Equals($lines[$at + 1], "$kind-stamp absent")) {
    return -not [IO.File]::Exists($file) -and -not [IO.Directory]::Exists($file)
  }
  if ($lines[$at + 1] -cnotmatch "^$kind-stamp [0-9a-f]+\.([0-9]{3,18})([0-9]{2})\z") { return $false }
  $ticks = [long]::Parse($Matches[1], [Globalization.CultureInfo]::InvariantCulture) # of 100 ns: .NET knows no smaller ones
  $target = $lines[$at + 2]
  $found = [IO.FileInfo]::new($file)
  if (-not $found.Exists) { return $false }
  $isLink = $found.Attributes -band [IO.FileAttributes]'ReparsePoint'
  if ([string]::Equals($target, "$kind-target")) {
    if ($isLink) { return $false }
  } elseif (-not $target.StartsWith("$kind-target ", [StringComparison]::Ordinal)) {
    return $false
  } else {
    $target = $target.Substring("$kind-target ".Length)
    if ($state.windows) {
      # The same path in its own letters; a link is left to the core.
      if ($isLink -or $target -ne $found.FullName) { return $false }
    } else {
      $one = __awsrole_stat $file $false
      $other = __awsrole_stat $target $true
      if ($null -eq $one -or $null -eq $other -or $one.Inode -ne $other.Inode -or $one.DeviceId -ne $other.DeviceId) {
        return $false
      }
      $found = [IO.FileInfo]::new($target)
    }
  }
  # 621355968000000000: 1970 in ticks since the year 1.
  $found.LastWriteTimeUtc.Ticks - 621355968000000000 -eq $ticks
}

# How the core is started: words, with this shell's environment or the one from before its first switch.
# .NET's own folder is not the shell's.
function global:__awsrole_start_info {
  [System.Diagnostics.DebuggerHidden()]
  param([string[]] $words, [bool] $base)
  $state = $global:__awsrole_state
  $start = [Diagnostics.ProcessStartInfo]::new()
  $core = [IO.Path]::Combine($global:__awsrole_tree, 'dist', 'cli.mjs')
  if (-not $global:__awsrole_tree -or -not [IO.File]::Exists($core)) {
    __awsrole_say "awsrole: its program is gone from $global:__awsrole_tree; install it again"
    return
  }
  $arguments = [string[]]@($core) + $words
  if (-not $state.windows -and $words.Count -gt 0 -and [string]::Equals($words[0], 'init')) {
    $start.FileName = [IO.Path]::Combine($global:__awsrole_tree, 'shell', 'awsrole') # which answers this one
    $arguments = $words
  } else {
    $start.FileName = __awsrole_node
    if (-not $start.FileName) {
      __awsrole_say "awsrole: Node.js was not found.`n  Install Node.js 20.19 or newer and put it on PATH, or install awsrole again to record where it is."
      return
    }
  }
  if ($null -ne $start.PSObject.Properties['ArgumentList']) {
    foreach ($argument in $arguments) { $start.ArgumentList.Add($argument) }
  } else {
    # As Windows programs take their command line apart: a backslash is doubled before a quote only.
    $quoted = foreach ($argument in $arguments) { '"' + ($argument -replace '(\\*)"', '$1$1\"' -replace '(\\+)\z', '$1$1') + '"' }
    $start.Arguments = $quoted -join ' '
  }
  $start.UseShellExecute = $false
  $here = $ExecutionContext.SessionState.Path.CurrentFileSystemLocation.ProviderPath
  if ([IO.Directory]::Exists($here)) { $start.WorkingDirectory = $here }
  if ($base) {
    $environment = $start.EnvironmentVariables
    foreach ($name in $state.kept.Keys) {
      $environment.Remove($name)
      if ($null -ne $state.kept[$name]) { $environment.Add($name, $state.kept[$name]) }
    }
    $environment.Remove('AWSROLE_NAMES')
  }
  $start
}

# Node's path: the one that was recorded by the installation, else the first on PATH. Never a script around it.
function global:__awsrole_node {
  $state = $global:__awsrole_state
  $record = [IO.Path]::Combine($global:__awsrole_tree, 'node-path')
  if ([IO.File]::Exists($record)) {
    $node = [IO.File]::ReadAllText($record).Trim()
    if ($state.windows) { $node = $node -replace '^/([A-Za-z])/', '$1:/' } # Git Bash wrote it
    if ([IO.File]::Exists($node)) { return $node }
  }
  $name = 'node'
  if ($state.windows) { $name = 'node.exe' }
  $found = $ExecutionContext.InvokeCommand.GetCommand($name, [System.Management.Automation.CommandTypes]::Application)
  if ($null -ne $found) { $found.Path }
}

# Hands what came through the pipe to a process that was started, as lines.
function global:__awsrole_feed {
  [System.Diagnostics.DebuggerHidden()]
  param($process, $piped)
  try {
    foreach ($object in $piped) {
      $bytes = [Text.Encoding]::UTF8.GetBytes([string]$object + "`n")
      $process.StandardInput.BaseStream.Write($bytes, 0, $bytes.Length)
    }
    $process.StandardInput.BaseStream.Flush()
    $process.StandardInput.Close()
  } catch [IO.IOException] {
    return # it has stopped reading
  }
}

# Starts the core for lines that this shell takes: gives its standard output. The terminal stays the person's.
function global:__awsrole_capture {
  [System.Diagnostics.DebuggerHidden()]
  param([string[]] $words, $piped, $quiet)
  $start = __awsrole_start_info $words $true
  if ($null -eq $start) {
    $global:LASTEXITCODE = 1
    return
  }
  $start.RedirectStandardOutput = $true
  $start.StandardOutputEncoding = [Text.UTF8Encoding]::new($false)
  $start.RedirectStandardInput = $quiet -or $null -ne $piped
  $start.RedirectStandardError = [bool]$quiet
  $process = [Diagnostics.Process]::Start($start)
  try {
    if ($quiet) { $process.BeginErrorReadLine() } # to nowhere
    if ($start.RedirectStandardInput) { __awsrole_feed $process $piped }
    $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    if (-not $quiet) { $global:LASTEXITCODE = $process.ExitCode }
  } finally { $process.Dispose() }
}

# Runs one of the core's commands on the terminal, or hands out its lines where they are captured.
function global:__awsrole_run {
  [System.Diagnostics.DebuggerHidden()]
  param([string[]] $words, $piped, [bool] $base, [bool] $captured)
  $start = __awsrole_start_info $words $base
  if ($null -eq $start) {
    $global:LASTEXITCODE = 1
    return
  }
  $start.RedirectStandardInput = $null -ne $piped
  $start.RedirectStandardOutput = $captured
  # What `exec` starts prints as native programs do; the core prints UTF-8.
  if ($captured -and -not ($words.Count -gt 0 -and [string]::Equals($words[0], 'exec'))) {
    $start.StandardOutputEncoding = [Text.UTF8Encoding]::new($false)
  }
  $process = [Diagnostics.Process]::Start($start)
  try {
    if ($captured -and $null -ne $piped) {
      # It may print more than a pipe holds before it has read everything.
      $text = $process.StandardOutput.ReadToEndAsync()
      __awsrole_feed $process $piped
      $output = [IO.StringReader]::new($text.Result)
    } else {
      if ($null -ne $piped) { __awsrole_feed $process $piped }
      if ($captured) { $output = $process.StandardOutput }
    }
    if ($captured) {
      while ($null -ne ($line = $output.ReadLine())) { $line }
    }
    $process.WaitForExit()
    $global:LASTEXITCODE = $process.ExitCode
  } finally { $process.Dispose() }
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
  if ($__awsrole_before -ge 0) {
    $global:__awsrole_state.depth = $__awsrole_before - 1
  } else {
    $global:__awsrole_state.depth = $global:__awsrole_prompts.Count - 1
  }
  try {
    $__awsrole_segment = ''
    if ($__awsrole_before -lt 0) { $__awsrole_segment = __awsrole_segment }
    if ($global:__awsrole_state.depth -lt 0) { return '' }
    $__awsrole_theirs = $global:__awsrole_prompts[$global:__awsrole_state.depth]
    if ($succeeded) {
      $__awsrole_text = @(& $__awsrole_theirs)
    } else {
      __awsrole_fail -ErrorAction Ignore
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

# Makes `$?` false for what follows.
function global:__awsrole_fail {
  [CmdletBinding()]
  param()
  $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new([Exception]::new('awsrole'), 'awsrole', 'NotSpecified', $null))
}

# True while the shell holds what was put there: the wrong account under a right-looking prompt is the worst accident.
function global:__awsrole_tells_the_truth {
  [string]::Equals([Environment]::GetEnvironmentVariable('AWS_ACCESS_KEY_ID'), [Environment]::GetEnvironmentVariable('AWSROLE_ACCESS_KEY_ID')) -and
  $null -eq [Environment]::GetEnvironmentVariable('AWS_PROFILE')
}

# Who this shell is and for how long; empty while no role is held, and where somebody else shows it.
function global:__awsrole_segment {
  $state = $global:__awsrole_state
  $name = [Environment]::GetEnvironmentVariable('AWSROLE_PROFILE')
  $wanted = [Environment]::GetEnvironmentVariable('AWSROLE_PROMPT')
  if (-not $name) { return '' }
  if ($name.StartsWith('arn:', [StringComparison]::Ordinal) -and $name.Contains('/')) {
    $name = "$([Environment]::GetEnvironmentVariable('AWSROLE_ACCOUNT_ID')):$($name.Substring($name.LastIndexOf('/') + 1))"
  }
  $now = __awsrole_now
  if ($state.plain -and $state.renew -gt 0 -and $now -ge $state.renew) { __awsrole_renew }
  if ([string]::Equals($wanted, 'off')) { return '' }
  if (-not [string]::Equals($wanted, 'on') -and $global:__awsrole_prompts.Count -gt 0) {
    # starship shows the role itself, by AWSUME_PROFILE.
    $theirs = $global:__awsrole_prompts[$global:__awsrole_prompts.Count - 1]
    if ($null -ne $theirs.Module -and $theirs.Module.Name -eq 'starship') { return '' }
  }
  $time = ''
  $colour = 36
  $text = $name
  $expires = [Environment]::GetEnvironmentVariable('AWSROLE_EXPIRES')
  if (-not (__awsrole_tells_the_truth)) {
    $time = '?'
    $colour = 31
    $text = "$name$time"
  } elseif ($expires -cmatch '^[0-9]{1,12}\z') {
    $left = [long]::Parse($expires, [Globalization.CultureInfo]::InvariantCulture) - $now
    $minutes = [long][Math]::Floor(($left + 59) / 60)
    if ($left -le 0) {
      $time = 'EXPIRED'
      $colour = 31
    } elseif ($minutes -lt 100) {
      $time = "${minutes}m"
      if ($minutes -le 10) { $colour = 33 }
    } else {
      $hours = [long][Math]::Floor($minutes / 60)
      $time = "${hours}h$(($minutes - $hours * 60).ToString('00', [Globalization.CultureInfo]::InvariantCulture))m"
    }
    $text = "$name $time"
  }
  $format = [Environment]::GetEnvironmentVariable('AWSROLE_PROMPT_FORMAT')
  if ($null -eq $format) { $format = '(%s) ' }
  $filled = ''
  for ($i = 0; $i -lt $format.Length; $i++) {
    $character = $format[$i]
    if ($character -ne '%' -or $i + 1 -eq $format.Length) {
      $filled += $character
      continue
    }
    $i++
    switch -CaseSensitive ($format[$i]) {
      's' { $filled += $text }
      'p' { $filled += $name }
      't' { $filled += $time }
      'r' { $filled += [Environment]::GetEnvironmentVariable('AWS_REGION') }
      'a' { $filled += [Environment]::GetEnvironmentVariable('AWSROLE_ACCOUNT_ID') }
      '%' { $filled += '%' }
      default { $filled += "%$_" }
    }
  }
  if ([Environment]::GetEnvironmentVariable('NO_COLOR') -or [Environment]::GetEnvironmentVariable('TERM') -eq 'dumb' -or
    -not $Host.UI.SupportsVirtualTerminal) { return $filled }
  "$([char]27)[${colour}m$filled$([char]27)[0m"
}

# Takes over what another terminal has renewed: the same role under the same name, for longer, from the files as they
# are. Nothing is asked and nothing started; an edit of the files never moves this shell to another role.
function global:__awsrole_renew {
  [System.Diagnostics.DebuggerHidden()]
  param()
  $state = $global:__awsrole_state
  if (-not (__awsrole_tells_the_truth)) { return }
  $session = __awsrole_kept_session $state.plain
  if ($null -eq $session) { return }
  $expires = [Environment]::GetEnvironmentVariable('AWSROLE_EXPIRES')
  $ours = [long]0
  if ($expires -cmatch '^[0-9]{1,12}\z') { $ours = [long]::Parse($expires, [Globalization.CultureInfo]::InvariantCulture) }
  if ($session.expires -le $ours) { return }
  if (-not [string]::Equals([string]$session.set['AWSROLE_ROLE_ARN'], [Environment]::GetEnvironmentVariable('AWSROLE_ROLE_ARN'))) { return }
  try { } finally {
    __awsrole_take $session
    $state.renew = $session.renew
  }
}

# Completion of `awsrole`: profiles (roles first), commands, options; gives CompletionResults.
function global:__awsrole_complete($word, $command, [int] $cursor) {
  $ErrorActionPreference = 'Stop'
  $verb = ''
  $current = ''
  $skip = ''
  $elements = $command.CommandElements
  for ($i = 1; $i -lt $elements.Count; $i++) {
    $element = $elements[$i]
    if ($element.Extent.StartOffset -ge $cursor) { break }
    $text = $element.Extent.Text
    $value = $element.PSObject.Properties['Value']
    if ($null -ne $value -and $value.Value -is [string]) { $text = $value.Value }
    if ($element.Extent.EndOffset -ge $cursor) {
      $current = $text
      break
    }
    if ($skip) {
      $skip = ''
    } elseif ([string]::Equals($text, '--')) {
      if ([string]::Equals($verb, 'exec+')) {
        __awsrole_complete_command $command $element.Extent.EndOffset $cursor
        return
      }
      if (-not $verb) { $verb = 'name' }
    } elseif (-not [string]::Equals($verb, 'name') -and (__awsrole_takes_value $text)) {
      $skip = $text
    } elseif ($text.StartsWith('-', [StringComparison]::Ordinal) -and -not [string]::Equals($verb, 'name')) {
      continue
    } elseif (-not $verb -or [string]::Equals($verb, 'name')) {
      $verb = $text
    } else {
      $verb += '+'
    }
  }
  $commands = 'off', '-', 'exec', 'list', 'explain', 'whoami', 'clear', 'demo', 'init'
  $reserved = $commands + 'credential-process', 'session-lines', 'index-lines'
  $words = @()
  $names = $false
  $lead = ''
  $role = '--source-profile', '--region', '--duration', '--session-name', '--external-id', '--mfa-serial', '--source-identity',
  '--tag', '--transitive-tag', '--policy', '--policy-arn'
  if (-not $skip -and -not [string]::Equals($verb, 'name') -and
    $current.StartsWith('--source-profile=', [StringComparison]::Ordinal)) {
    $skip = '--source-profile'
    $lead = '--source-profile='
    $current = $current.Substring($lead.Length)
  }
  if ([string]::Equals($skip, '--source-profile')) {
    $verb = 'source'
    $names = $true
  } elseif ([string]::Equals($skip, '--policy')) {
    [System.Management.Automation.CompletionCompleters]::CompleteFilename($current)
  } elseif ($skip) {
    if ([string]::Equals($skip, '--mfa-code')) { $words = @('-') }
  } elseif ($current.StartsWith('-', [StringComparison]::Ordinal) -and -not [string]::Equals($verb, 'name')) {
    switch -CaseSensitive -Regex ($verb) {
      '^\z' { $words = @('--refresh', '--dry-run', '--mfa-code') + $role + @('--debug', '--help', '--version') }
      '^exec\+?\z' { $words = @('--', '--refresh', '--mfa-code') + $role + @('--debug', '--help') }
      '^explain\+?\z' { $words = @('--json') + $role + @('--debug', '--help') }
      '^(list|whoami)\z' { $words = '--json', '--debug', '--help' }
      '^(clear|demo|init|off)\+?\z' { $words = '--debug', '--help' }
      default { $words = @('--refresh', '--dry-run', '--mfa-code') + $role + @('--debug', '--help') }
    }
    if (-not $verb -and $current.Length -eq 1) { $words = @('-') + $words }
  } else {
    switch -CaseSensitive ($verb) {
      'init' { $words = 'bash', 'zsh', 'fish', 'powershell' }
      'demo' { $words = @('code') }
      '' {
        $names = $true
        $words = $commands
      }
      { 'name', 'exec', 'explain', 'clear' -ccontains $_ } { $names = $true }
    }
  }
  if ($names) {
    $isQuoted = $word -and $word[0] -match '[''"]'
    foreach ($line in __awsrole_index) {
      $tab = $line.IndexOf([char]9)
      if ($tab -lt 1 -or -not $line.StartsWith($current, [StringComparison]::OrdinalIgnoreCase)) { continue }
      $name = $line.Substring(0, $tab)
      if ($current.Length -gt $tab) { continue }
      $note = $line.Substring($tab + 1)
      if (-not $note) { $note = $name }
      $text = __awsrole_quote $name $isQuoted
      if (-not [string]::Equals($verb, 'name') -and ($reserved -ccontains $name -or $name[0] -eq '-')) {
        if ($verb -and ($name[0] -eq '-' -or -not [string]::Equals($verb, 'source'))) { continue }
        # PowerShell would eat a bare one where no line can be looked at.
        if (-not $verb) { $text = "'--' $text" }
      }
      [System.Management.Automation.CompletionResult]::new("$lead$text", $name, 'ParameterValue', $note)
    }
  }
  foreach ($text in $words) {
    if ($text.StartsWith($current, [StringComparison]::Ordinal)) {
      [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $text)
    }
  }
}

# A profile name as one word of PowerShell, which takes the four typographic quotes (U+2018 to U+201B) for the plain one.
function global:__awsrole_quote([string] $name, [bool] $always) {
  if (-not $always -and $name -cmatch '^[A-Za-z0-9_][A-Za-z0-9_.:/+=@-]*\z') { return $name }
  "'" + ($name -replace "['\u2018-\u201b]", '$0$0') + "'"
}

# The index's lines of profiles: from its file while that is of the AWS files as they are, else from the core, which
# writes it anew.
function global:__awsrole_index {
  $lines = @()
  $folder = __awsrole_folder
  if ($folder) {
    $text = __awsrole_read_private $folder 'completion' 'index'
    if ($text) { $lines = __awsrole_lines $text }
  }
  if (-not ((__awsrole_is_index $lines) -and (__awsrole_made_from $lines 1 $folder))) {
    $lines = __awsrole_lines (__awsrole_capture ([string[]]@('index-lines')) $null $true)
    if (-not (__awsrole_is_index $lines)) { return }
  }
  if ($lines.Count -gt 10) { $lines[8..($lines.Count - 3)] }
}

function global:__awsrole_is_index([string[]] $lines) {
  $lines.Count -ge 10 -and [string]::Equals($lines[0], 'awsrole-index 1') -and
  [string]::Equals($lines[$lines.Count - 2], 'end') -and -not $lines[$lines.Count - 1]
}

# After `exec PROFILE --` the rest is a command line of its own.
function global:__awsrole_complete_command($command, [int] $start, [int] $cursor) {
  $script = $command.Extent.StartScriptPosition.GetFullScript()
  if ($null -eq $script -or $script.Length -lt $cursor) { return }
  $line = $script.Substring($start, $cursor - $start)
  [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
}

Register-ArgumentCompleter -Native -CommandName awsrole -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  __awsrole_adopt
  try { __awsrole_complete $wordToComplete $commandAst $cursorPosition } catch { return } # never an error on a Tab
}
__awsrole_wrap_prompt
