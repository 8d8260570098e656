# Part of awsrole.psm1, read at the first use: what a kept switch and the prompt need. docs/contributing.md says what every
# wrapper does, and why. What the shell held before its first switch is kept in $base.
#
# The first use of a method, a property or a comparison costs a new shell a millisecond or more, -cmatch, -split and -join
# next to nothing. No cmdlet is called: their modules would have to be loaded. Texts are compared by [string]::Equals or
# -cmatch, as -ceq takes some for equal that are not. DebuggerHidden keeps a trace (Set-PSDebug) from showing secrets.

$script:ErrorActionPreference = 'Stop'
$script:OFS = ' '
# The build writes the version.
$script:loaded = 'powershell 0.1.0'
# The build writes this line (src/commands/names.ts).
$script:commands = ' off - status exec env list explain whoami console clear new protect unprotect add rotate keys unlock lock doctor setup demo init help credential-process complete session-lines index-lines choice-line '
$script:windows = $PSScriptRoot -cnotmatch '^/'
# What no terminal is shown, and what was no UTF-8.
$script:unshown = '\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd'
$script:base = @{} # what the variables that we changed were before the first switch; $null: not set
$script:changed = [System.Collections.ArrayList]::new() # what commands that run have changed of the environment, as it was
$script:prompts = [System.Collections.ArrayList]::new() # what `prompt` was each time it was wrapped
# $null at first: words (of the last switch, or `off`), previous (the words before), plain (the name, if it was all of
# the words), renew (when a prompt looks for a newer session under that name), switched (to a role, in this shell),
# inherited (from a parent shell), wrapper (our `prompt`), below (how many of $prompts are left while one draws), current
# (tells, by its Invoke(), the command that is running and has failed).

# Remove-Module leaves all as it was before Import-Module: afterwards nobody knows what the variables were.
$ExecutionContext.SessionState.Module.OnRemove = {
  if ($script:switched) { __awsrole_off }
  __awsrole_set_prompt ''
  function script:__awsrole_segment { '' } # for a prompt of somebody's that goes on calling ours
}

# These are read when they are first called.
function script:__awsrole_words { . (__awsrole_part 'core'); __awsrole_words @args }
function script:__awsrole_fetch { . (__awsrole_part 'core'); __awsrole_fetch @args }
function script:__awsrole_ask { . (__awsrole_part 'core'); __awsrole_ask @args }
function script:__awsrole_command { . (__awsrole_part 'core'); __awsrole_command @args }
function script:__awsrole_complete { . (__awsrole_part 'complete'); __awsrole_complete @args }

# Sets $LASTEXITCODE, and hands out what the core prints, as do those that it calls.
function script:__awsrole_run { [Diagnostics.DebuggerHidden()] param($invocation, $arguments, $pipe)
  $piped = if ($invocation.ExpectingInput) { , @($pipe) }
  $global:LASTEXITCODE = 0
  $script:current = $null
  $script:invocation = $invocation
  $ended = $false
  try {
    # One plain word is what was typed. The rest is for __awsrole_words, which knows what PowerShell makes of it.
    $typed = if ($arguments.Count -eq 1 -and $arguments[0] -is [string] -and $arguments[0] -cmatch '^([^-]|-\z)' -and
      $invocation.Line -cnotmatch '--|`') { [string[]]$arguments } else { __awsrole_words $invocation $arguments }
    __awsrole_main $typed $piped
    __awsrole_set_prompt
    $ended = $true
  } catch {
    $ended = $true
    if ($_.FullyQualifiedErrorId -cmatch '^ProgramExitedWithNonZeroCode\z') { throw } # as the user has asked of native commands
    __awsrole_say "awsrole: unexpected: $($_.Exception.Message)"
    $global:LASTEXITCODE = 1
  } finally {
    if (-not $ended) { $global:LASTEXITCODE = 130 } # stopped by Ctrl-C
  }
  if ($global:LASTEXITCODE) { $script:current = __awsrole_current }
}

# What tells the command that is running, by its Invoke(): a caller has to call that for itself.
function script:__awsrole_current {
  $context = __awsrole_inside $ExecutionContext '_context'
  if ($null -eq $context) { return }
  $property = $context.GetType().GetProperty('CurrentCommandProcessor', [Reflection.BindingFlags]'NonPublic, Public, Instance')
  $property.GetGetMethod($true).CreateDelegate([Func[object]], $context)
}

# What the engine keeps for itself: goes from an object to its member, that one's member and so on, and may call a method
# there. Gives nothing where the engine is not built like that.
function script:__awsrole_inside($at, [string[]] $members, [string] $method, $argument) {
  try {
    foreach ($member in $members) {
      if ($null -eq $at) { return }
      # NonPublic, Public, Instance, GetField and GetProperty: their names would be looked up each time.
      $at = $at.GetType().InvokeMember($member, [Reflection.BindingFlags]5172, $null, $at, $null)
    }
    # InvokeMethod instead of the last two.
    if ($method) { return $at.GetType().InvokeMember($method, [Reflection.BindingFlags]308, $null, $at, @(, $argument)) }
    if ($null -ne $at) { return , $at }
  } catch { return }
}

# True when nobody has redirected PowerShell's error stream.
function script:__awsrole_is_on_screen {
  [CmdletBinding()] param()
  $pipe = __awsrole_inside $PSCmdlet ('CommandRuntime', 'ErrorOutputPipe')
  $null -eq $pipe -or (__awsrole_inside $pipe ('DownstreamCmdlet', 'CommandInfo', 'Name')) -cmatch '^Out-Default\z'
}

# Writes an error record. What native commands say has this name, and is shown as it is; that of a function would be added.
$script:errors = {
  [CmdletBinding()] param([string] $text)
  $PSCmdlet.WriteError([System.Management.Automation.ErrorRecord]::new(
      [Exception]::new($text), 'NativeCommandErrorMessage', 'NotSpecified', $null))
}

# A line for a person: on the screen, or where the error stream leads, which has no way in but an error record.
function script:__awsrole_say([string] $text) {
  $text = $text -creplace "[$script:unshown-[\n]]", '?'
  if ($script:drawing -or (__awsrole_is_on_screen)) {
    $Host.UI.WriteErrorLine($text)
    __awsrole_inside $Host.UI @() 'TranscribeResult' $text
  } else {
    & $script:errors $text -ErrorAction Continue
    $global:Error.RemoveAt(0) # it is no error
  }
}

# The first word decides what is asked for.
function script:__awsrole_main { [Diagnostics.DebuggerHidden()] param([string[]] $typed, $piped)
  if ($script:changed.Count) { __awsrole_put_back }
  if ($env:AWSROLE_NAMES) { __awsrole_adopt }
  $isAgain = $null -ne $script:previous -and $typed.Count -eq 1 -and $typed[0] -cmatch '^-\z'
  if ($isAgain) { $typed = $script:previous }
  $first, $others = $typed
  if ($null -eq $others -and $first -cmatch '^off\z') {
    __awsrole_off
  } elseif ($isAgain -or ($null -ne $first -and -not (__awsrole_is_command $first))) {
    __awsrole_switch $typed $piped $isAgain
  } else {
    __awsrole_command $typed $piped
  }
}

function script:__awsrole_is_command([string] $word) { $word -cnotmatch ' ' -and $script:commands -cmatch " $([regex]::Escape($word)) " }

function script:__awsrole_adopt {
  if ($script:base.Count -gt 0) { return }
  foreach ($name in $env:AWSROLE_NAMES -split ' ') { if ($name -cmatch '^AWS[A-Z0-9_]*\z') { $script:base[$name] = $null } }
  $script:inherited = $true
  if ($null -eq $script:words -and $env:AWSROLE_PROFILE) {
    # Only after `--` is what looks like an option or a command a name.
    $isPlain = $env:AWSROLE_PROFILE -cnotmatch '^-' -and -not (__awsrole_is_command $env:AWSROLE_PROFILE)
    $script:words = [string[]]@(if (-not $isPlain) { '--' }; $env:AWSROLE_PROFILE)
  }
}

# Sets variables, or removes them: [NullString], since PowerShell makes '' of $null, and that is a value from .NET 9 on.
function script:__awsrole_put { [Diagnostics.DebuggerHidden()] param($variables)
  foreach ($name in $variables.Keys) {
    $value = $variables[$name]
    if ($null -eq $value) { $value = [NullString]::Value }
    [Environment]::SetEnvironmentVariable($name, $value)
  }
}

# Ctrl-C also ends the command that runs, and may come when that is over: then it cuts off even a `finally`. What that has
# not put back of the environment is put back here, before the next prompt or command of ours.
function script:__awsrole_put_back {
  for ($at = $script:changed.Count - 1; $at -ge 0; $at--) { __awsrole_put $script:changed[$at] }
  $script:changed.Clear()
}

# Puts everything back to what it was before the first switch. Called where Ctrl-C has to wait: never half a change.
function script:__awsrole_restore { [Diagnostics.DebuggerHidden()] param()
  $script:base['AWSROLE_NAMES'] = $null
  if ($script:direnv -cne $env:DIRENV_DIR) { $script:base.Remove('AWS_PROFILE') }
  __awsrole_put $script:base
  $script:base = @{}
}

function script:__awsrole_off {
  if ($script:base.Count -eq 0) { return __awsrole_say 'no role is held in this shell' }
  $left = if ($env:AWSROLE_PROFILE) { $env:AWSROLE_PROFILE } else { 'the role' }
  $how = 'the shell is as it was before'
  if ($script:inherited) { $how = "removed $env:AWSROLE_NAMES; only the shell that switched can put back what they were" }
  try { } finally {
    __awsrole_restore
    $script:inherited = $script:switched = $false
    $script:plain = ''
    $null = __awsrole_remember 'off'
  }
  __awsrole_say "left ${left}: $how"
}

# Keeps the words of the state the shell is in now; gives whether they are others than before.
function script:__awsrole_remember([string[]] $now) {
  $before = if ($null -ne $script:words) { $script:words } else { [string[]]'off' }
  $script:words = $now
  if ([string]::Equals($now -join ' ', $before -join ' ')) { return $false }
  $script:previous = $before
  $true
}

function script:__awsrole_switch { [Diagnostics.DebuggerHidden()] param([string[]] $typed, $piped, $isAgain)
  $key, $folder, $files = __awsrole_place
  $name = if ($typed.Count -eq 1 -and $typed[0] -cnotmatch '^-') { $typed[0] }
  $session = if ($name) { __awsrole_kept $name $key $folder $files '-' }
  if ($null -eq $session -or (__awsrole_now) -ge $session['renew']) {
    $session = __awsrole_fetch $typed $piped $key ($isAgain -and -not $name)
    if ($session -isnot [hashtable]) { return __awsrole_answer $session } # help, or what a switch would do
  }
  try { } finally {
    __awsrole_take $session
    $script:switched = $true
    $script:plain = $name
    $isOther = __awsrole_remember $typed
  }
  if ($name -and $isOther) {
    $uses = "$folder/uses" # the core's list of names; if that cannot be written, nobody wants to know
    try { if ([IO.File]::Exists($uses) -and (__awsrole_is_ours $uses)) { [IO.File]::AppendAllText($uses, "$name`n") } } catch { $null = $_ }
  }
  $left = if ($session['expires'] -cnotmatch '^0+\z') { ", $(__awsrole_time $session['expires']) left" }
  __awsrole_say ($session['says'] + $left -creplace 'EXPIRED left\z', 'EXPIRED')
}

# Puts a session into the shell. Called where Ctrl-C has to wait.
function script:__awsrole_take { [Diagnostics.DebuggerHidden()] param($session)
  if ($script:base.Count) { __awsrole_restore }
  $script:direnv = $env:DIRENV_DIR
  $changes = @{}
  foreach ($name in $session['unset'] -split ' ' -cmatch '.') { $changes[$name] = $null }
  $names = foreach ($line in $session['set'] -split "`n") {
    $name, $value = $line -split '=', 2
    $changes[$name] = $value
    $name
  }
  foreach ($name in $changes.Keys) { $script:base[$name] = [Environment]::GetEnvironmentVariable($name) }
  __awsrole_put $changes
  $env:AWSROLE_NAMES = "$names"
  $script:renew = 0 + $session['renew']
}

# Epoch seconds; ticks are 100 ns each, from the year 1 on.
function script:__awsrole_now {
  $ticks = [DateTime]::UtcNow.Ticks
  ($ticks - $ticks % 10000000) / 10000000 - 62135596800
}

function script:__awsrole_time($expires) {
  $left = $expires - (__awsrole_now)
  if ($left -le 0) { return 'EXPIRED' }
  $left += 59
  $minutes = ($left - $left % 60) / 60
  if ($minutes -lt 100) { return "${minutes}m" }
  '{0}h{1:00}m' -f (($minutes - $minutes % 60) / 60), ($minutes % 60)
}

# The key of this shell, the cache's folder, and the files that sessions are made from (config, credentials, settings).
function script:__awsrole_place {
  $root = if ($script:windows) { '([A-Za-z]:)?[\\/]' } else { '/' } # how a path begins that is whole
  $from = if ($script:windows -and -not $env:HOME) { $env:USERPROFILE } else { $env:HOME }
  $unknown = $false
  $config, $credentials, $endpoint, $general, $ignores = foreach ($name in 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE',
    'AWS_ENDPOINT_URL_STS', 'AWS_ENDPOINT_URL', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS') {
    if ($script:base.Contains($name)) {
      if ($script:inherited) { $unknown = $true }
      [string]$script:base[$name]
    } else { [string][Environment]::GetEnvironmentVariable($name) }
  }
  if (-not $config) { $config = "$from/.aws/config" }
  if (-not $credentials) { $credentials = "$from/.aws/credentials" }
  if (-not $endpoint) { $endpoint = $general }
  $key = "$from|$config|$credentials|$endpoint"
  if ($unknown -or $ignores -or $key -cnotmatch "^($root[^|\p{Cc}]*\|){3}[^|\p{Cc}]*\z") { $key = '-' }
  $settings = if ($env:XDG_CONFIG_HOME -cmatch "^$root") { $env:XDG_CONFIG_HOME } else { "$from/.config" }
  $folder = if ($env:XDG_CACHE_HOME -cmatch "^$root") { $env:XDG_CACHE_HOME } elseif ($script:windows) { $env:LOCALAPPDATA }
  if (-not $folder) { $folder = "$from/.cache" }
  $key, "$folder/awsrole", $config, $credentials, "$settings/awsrole/config"
}

# The session that the cache has for a name, for this key and these files as they are.
function script:__awsrole_kept { [Diagnostics.DebuggerHidden()] param([string] $name, [string] $key, [string] $folder, [string[]] $files, [string] $guard)
  if ($key -cmatch '^-\z' -or $name -cmatch '\p{Cc}') { return }
  $file = $name
  if ($name -cmatch '[%/\\:*?"<>|]') { $file = [regex]::Replace($name, '[%/\\:*?"<>|]', { '%{0:X2}' -f [int][char]$args[0].Value }) }
  try {
    $text = __awsrole_read $folder 'shell' "s-$file.session"
    if (-not $text) { return }
    $states = foreach ($file in $files) { __awsrole_state $file }
    __awsrole_parse $text "awsrole-session 2 $([regex]::Escape($name))\nfor $([regex]::Escape($key))\nstates $states" $guard
  } catch { return }
}

# Takes session lines apart; nothing unless they are whole, begin with that header and have that guard.
function script:__awsrole_parse { [Diagnostics.DebuggerHidden()] param([string] $text, [string] $header, [string] $guard)
  $name = 'AWS[A-Z0-9_]*'
  $value = "[^$script:unshown]*"
  $lines = $header, 'times (?<renew>[0-9]{1,12}) (?<expires>[0-9]{1,12})', "says (?<says>$value)", "shows $guard \S+",
  "unset ?(?<unset>($name( $name)*)?)", "(?<set>$name=$value(\n$name=$value)*)", 'end'
  if ($text -cmatch "^$($lines -join '\n')\n\z") { $Matches }
}

# The text of a file in a folder of our cache, if nobody else can have written it.
function script:__awsrole_read { [Diagnostics.DebuggerHidden()] param([string] $cache, [string] $folder, [string] $file)
  $path = "$cache/$folder/$file"
  if ([IO.File]::Exists($path) -and (__awsrole_is_ours $cache 'GetStat') -and (__awsrole_is_ours "$cache/$folder") -and
    (__awsrole_is_ours $path)) { [IO.File]::ReadAllText($path) }
}

# True when a file or folder belongs to us and nobody else may write to it. A link is none of ours, unless it is followed
# (GetStat). PowerShell has no public way to ask but a cmdlet, so it is its own stat, and without that no file is ours. On
# Windows the access list of the profile's folder protects what is in there.
function script:__awsrole_is_ours([string] $path, [string] $how = 'GetLStat') {
  if ($script:windows) { return $how -cmatch '^GetStat\z' -or -not ([int][IO.File]::GetAttributes($path) -band 1024) }
  if ($null -eq $script:unix) {
    $script:unix = [System.Management.Automation.Platform].Assembly.GetType('System.Management.Automation.Platform+Unix')
    $script:user = [Environment]::UserName
  }
  # InvokeMethod, NonPublic, Public and Static
  $stat = $script:unix.InvokeMember($how, [Reflection.BindingFlags]312, $null, $null, @($path))
  # A pipe is none: to open it would mean to wait for whoever writes into it.
  $script:user -and [string]::Equals($stat.GetUserName(), $script:user) -and -not ($stat.Mode -band 18) -and
  "$($stat.ItemType)" -cmatch '^(File|Directory)\z'
}

# A regular expression for the state that a file is in, as recorded: `absent`, or its stamp, which ends with nanoseconds
# since 1970; .NET knows no smaller ones than of 100.
function script:__awsrole_state([string] $path) {
  $found = [IO.FileInfo]::new($path)
  $attributes = [int]$found.Attributes
  if ($attributes -eq -1) { return 'absent' }
  if ($attributes -band 1024) { # a link (or another reparse point); 5.1 cannot follow it
    if ($null -eq $found.PSObject.Methods['ResolveLinkTarget']) { return '(?!)' }
    $target = $found.ResolveLinkTarget($true)
    if ($null -ne $target) { $found = $target }
  }
  "[0-9a-f]+\.$($found.LastWriteTimeUtc.Ticks - 621355968000000000)[0-9]{2}"
}

# Puts our segment in front of the user's prompt while a role is held; one that is readonly stays as it is.
function script:__awsrole_set_prompt($held = $env:AWSROLE_PROFILE) {
  $now = ${function:global:prompt}
  $isOurs = $null -ne $script:wrapper -and [object]::ReferenceEquals($now, $script:wrapper)
  try {
    if ($held -and -not $isOurs) {
      function global:prompt { __awsrole_draw $? }
      $script:wrapper = ${function:global:prompt}
      $null = $script:prompts.Add($now)
    } elseif ($isOurs -and -not $held -and $null -ne $script:prompts[-1]) {
      ${function:global:prompt} = $script:prompts[-1]
      $script:prompts.RemoveAt($script:prompts.Count - 1)
      $script:wrapper = $null
    }
  } catch { $global:Error.RemoveAt(0) }
}

# The segment, and the user's prompt after it, which finds `$?` and $LASTEXITCODE as the last command has left them.
function script:__awsrole_draw([bool] $succeeded) {
  $status = $global:LASTEXITCODE
  if ($script:changed.Count) { __awsrole_put_back }
  $outer = $script:below
  # A prompt that calls the one before it, which is ours: that draws no second segment.
  $segment = if ($null -eq $outer) { try { __awsrole_segment } catch { '' } } # a prompt never throws
  $script:below = $(if ($null -eq $outer) { $script:prompts.Count } else { $outer }) - 1
  try {
    if ($script:below -lt 0) { return '' }
    $theirs = $script:prompts[$script:below]
    if ($null -eq $theirs) { $theirs = { } } # there was no `prompt`
    # One that belongs to no module sees the user's variables, not ours.
    if ($null -eq $script:world) { $script:world = [System.Management.Automation.PSModuleInfo]::new($true) }
    $module = if ($null -ne $theirs.Module) { $theirs.Module } else { $script:world }
    if (-not $succeeded) { & $script:errors 'awsrole' -ErrorAction Ignore } # makes `$?` false
    $text = @(& $module $theirs)
  } finally {
    $script:below = $outer
    if ($null -ne $status) { $global:LASTEXITCODE = $status }
  }
  $first = if ($text[0]) { "$($text[0])" } else { 'PS>' } # what PowerShell shows for nothing
  $null = $first -cmatch '(?s)^([\r\n]*)(.*)' # some begin with empty lines
  $Matches[1] + $segment + $Matches[2]
}

function script:__awsrole_is_true { $null -eq $env:AWS_PROFILE -and [string]::Equals($env:AWS_ACCESS_KEY_ID, $env:AWSROLE_ACCESS_KEY_ID) }

# Who this shell is and for how long; empty while no role is held.
function script:__awsrole_segment {
  $name = $env:AWSROLE_PROFILE
  if (-not $name) { return '' }
  if ($env:AWSROLE_GUARD_ENDS -cmatch '^[0-9]{1,12}\z' -and (__awsrole_now) -ge $env:AWSROLE_GUARD_ENDS) {
    $script:drawing = $true # where what a prompt writes to the error stream is lost
    $null = __awsrole_say 'awsrole: the time limit of this guarded role has passed'
    $null = __awsrole_off
    $script:drawing = $false
    return ''
  }
  if ($script:plain -and $script:renew -and (__awsrole_now) -ge $script:renew) { __awsrole_renew }
  if ($env:AWSROLE_PROMPT -cmatch '^off\z' -and -not $env:AWSROLE_GUARD) { return '' }
  if ($name -cmatch '^arn:.*/(.*)\z') { $name = "${env:AWSROLE_ACCOUNT_ID}:$($Matches[1])" }
  $expires = $env:AWSROLE_EXPIRES
  $time = if (-not (__awsrole_is_true)) {
    '?'
  } elseif ($expires -cmatch '^(?!0+\z)[0-9]{1,12}\z') {
    __awsrole_time $expires
  } elseif ($expires -cmatch '^0*\z' -and -not $env:AWS_SESSION_TOKEN) {
    'keys' # of a user, which never end
  }
  $colour = if ($time -cmatch '^(\?|EXPIRED)\z') { 31 } elseif ($time -cmatch '^(([1-9]|10)m|keys)\z') { 33 } else { 36 }
  $text = if ($time -cmatch '^\w') { "$name $time" } else { "$name$time" }
  $filled = "($text) "
  $format = $env:AWSROLE_PROMPT_FORMAT
  if ($env:AWSROLE_GUARD) {
    $colour = '97;41'
    if ($format -cnotmatch '%[sp]') { $format = $null }
  } elseif ($colour -eq 36 -and $env:AWSROLE_COLOR -cmatch '^[0-9;]{1,12}\z') { $colour = $env:AWSROLE_COLOR }
  if ($null -ne $format) { # it may be empty
    $values = @{ s = $text; p = $name; t = $time; r = $env:AWS_REGION; a = $env:AWSROLE_ACCOUNT_ID; n = $env:AWSROLE_ACCOUNT_NAME; '%' = '%' }
    $filled = [regex]::Replace($format, '%([sptran%])', { $values[$args[0].Groups[1].Value] })
  }
  $filled = $filled -creplace "[$script:unshown]", '?'
  if ($env:NO_COLOR -or $env:TERM -cmatch '^dumb\z' -or -not $Host.UI.SupportsVirtualTerminal) { return $filled }
  "$([char]27)[${colour}m$filled$([char]27)[0m"
}

# Takes over what another terminal has renewed.
function script:__awsrole_renew { [Diagnostics.DebuggerHidden()] param()
  $held = $env:AWSROLE_EXPIRES
  if ($held -cnotmatch '^[0-9]{1,12}\z' -or -not (__awsrole_is_true)) { return }
  $key, $folder, $files = __awsrole_place
  $session = __awsrole_kept $script:plain $key $folder $files '\S+'
  if ($null -eq $session) { return __awsrole_ask_renewal $key }
  if (0 + $session['expires'] -le $held) { return }
  $own = "ROLE_ARN=$([regex]::Escape($env:AWSROLE_ROLE_ARN))|MFA_SERIAL=$([regex]::Escape($env:AWSROLE_MFA_SERIAL))"
  if ("$($session['set'])`n" -cnotmatch "(?m)^AWSROLE_($own)\n") { return }
  $ends = $env:AWSROLE_GUARD_ENDS
  try { } finally {
    __awsrole_take $session
    if ($ends) { $env:AWSROLE_GUARD_ENDS = $ends }
  }
}

# Has the core renew behind the prompt, where the settings say so.
function script:__awsrole_ask_renewal([string] $key) {
  $now = __awsrole_now
  if ($env:AWSROLE_RENEW -cnotmatch '^auto\z' -or $now -lt $script:renew + $PID % 60 -or $now -lt 60 + $script:asked) { return }
  $script:asked = $now
  $status = $global:LASTEXITCODE
  $null = __awsrole_ask ([string[]]@('session-lines', '--renew', $script:plain)) $null $key
  $global:LASTEXITCODE = $status
}
