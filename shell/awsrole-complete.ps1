# Part of awsrole.psm1, read at the first Tab.

function script:__awsrole_completions([string] $word, $command, [int] $cursor) {
  if ($null -eq ${function:global:awsrole}) { return } # the module was removed
  if ($env:AWSROLE_NAMES) { __awsrole_adopt }
  $before = [string[]]@()
  $current = ''
  foreach ($element in $command.CommandElements) {
    if ($element.Extent.StartOffset -ge $cursor) { break }
    $text = if ($element.Value -is [string]) { $element.Value } else { $element.Extent.Text }
    if ($element.Extent.EndOffset -lt $cursor) { $before += $text } else { $current = $text }
    if ($before[-1] -cmatch '^--\z' -and $before.Count -gt 3 -and $before[1] -cmatch '^exec\z') {
      # The rest is a command line of its own.
      $line = $command.Extent.StartScriptPosition.GetFullScript().Substring(0, $cursor).Substring($element.Extent.EndOffset)
      return [System.Management.Automation.CommandCompletion]::CompleteInput($line, $line.Length, $null).CompletionMatches
    }
  }
  $begins = '^' + [regex]::Escape($current)
  $isFirst = $before.Count -eq 1
  if ($current -cnotmatch '^-' -and ($isFirst -or ($before.Count -eq 2 -and $before[1] -cmatch '^exec\z'))) {
    # A name like a command's is no profile where it stands: after `--` it is.
    $lines = @(__awsrole_index) -match $begins -cnotmatch '^-'
    if ($isFirst) {
      $commands = $script:commands.Trim() -split ' '
      $lines = @($lines -cnotmatch "^($($commands -join '|'))(\t|\z)") + $commands[0..($commands.Count - 5)] # the last four are not for people
    }
  } else {
    $asked = [string[]]@('complete', 'powershell')
    if (-not $isFirst) { $asked += $before[1..($before.Count - 1)] }
    $kind, $lines = __awsrole_ask_quietly ($asked + $current)
    if ($kind -cmatch '^files\z') { return [System.Management.Automation.CompletionCompleters]::CompleteFilename($current) }
  }
  $safe = '^([A-Za-z0-9_]|--)[A-Za-z0-9_.:/+=@-]*\z|^-[A-Za-z0-9_-]*\z'
  foreach ($line in @($lines) -match $begins) {
    $text, $note = $line -split "`t", 2
    # The four typographic quotes are as good as the plain one.
    $typed = if ($word -cmatch '^[''"]' -or $text -cnotmatch $safe) { "'" + ($text -replace "['\u2018-\u201b]", '$0$0') + "'" } else { $text }
    [System.Management.Automation.CompletionResult]::new($typed, $text, 'ParameterValue', $(if ($note) { $note } else { $text }))
  }
}

# What the core prints, without a question, a message or a trace of it.
function script:__awsrole_ask_quietly([string[]] $words) {
  $status = $global:LASTEXITCODE
  $key, $null = __awsrole_place
  try { __awsrole_ask $words @() $key 2>$null } finally { $global:LASTEXITCODE = $status }
}

# The index's lines of profiles.
function script:__awsrole_index {
  $key, $folder, $files = __awsrole_place
  $whole = "^awsrole-index 2\nfor {0}\nstates {1}\n(?<lines>([^\n]+\n)*)end\n\z"
  $text = try { __awsrole_read $folder 'completion' 'index' } catch { '' }
  $states = foreach ($file in $files[0..1]) { __awsrole_state $file }
  $isCurrent = $key -cnotmatch '^-\z' -and $text -cmatch ($whole -f [regex]::Escape($key), "$states")
  if ($isCurrent -or "$((__awsrole_ask_quietly 'index-lines') -join "`n")`n" -cmatch ($whole -f '.*', '.*')) {
    $Matches['lines'] -split "`n" -cmatch '.'
  }
}

function script:__awsrole_complete { try { __awsrole_completions @args } catch { return } } # never an error on a Tab
