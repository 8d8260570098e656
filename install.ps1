# Sets awsrole up from this checkout, with Node.js and PowerShell only: builds it, copies it to PREFIX and wires PowerShell.
# For Windows; elsewhere it hands over to install.sh, which wires every shell. Runs again at any time (it then upgrades);
# -Uninstall takes everything back. No cmdlet is called, so it does the same in every PowerShell from 5.1 on.
#
#   powershell -ExecutionPolicy Bypass -File install.ps1
param(
  [string] $Prefix = '', # awsrole goes into PREFIX\share\awsrole and PREFIX\bin; by default ~\.local
  [switch] $NoRc, # leave the profile of PowerShell alone
  [switch] $Uninstall, # remove what an installation has added
  [switch] $Help
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$usage = @'
Usage: install.ps1 [-Prefix DIR] [-NoRc]
       install.ps1 -Uninstall [-Prefix DIR] [-NoRc]

  -Prefix DIR   install into DIR\bin and DIR\share\awsrole (default: ~\.local)
  -NoRc         leave the profile of PowerShell alone
  -Uninstall    remove what an installation has added
'@
$beginMarker = '# >>> awsrole >>>'
$endMarker = '# <<< awsrole <<<'
# What has to be known to take a block out again stands in the block itself.
$madeNote = '# awsrole made this file.'
$folderNote = '# And its folder.'
$joinedNote = '# The line above had no newline at its end.'
$launcherMark = 'rem awsrole: the program on PATH'
$isWindowsHere = [IO.Path]::DirectorySeparatorChar -eq '\'
$plainText = [Text.UTF8Encoding]::new($false)

function Say([string] $text) { [Console]::Out.WriteLine($text) }
function Warn([string] $text) { [Console]::Error.WriteLine("install.ps1: $text") }

# Ends the installation with a reason and what to do.
function Fail([string] $what, [string] $todo) {
  $message = $what
  if ($todo) { $message += "`n  $todo" }
  throw [InvalidOperationException]::new($message)
}

# A text as a PowerShell expression in plain ASCII: which encoding a profile is read in depends on who reads it.
function Quote([string] $text) {
  $quoted = ''
  foreach ($character in $text.ToCharArray()) {
    $code = [int]$character
    if ($code -eq 39) { $quoted += "''" }
    elseif ($code -gt 31 -and $code -lt 127) { $quoted += $character }
    else { $quoted += "' + [char]$code + '" }
  }
  "'$quoted'"
}

# Runs a program and gives its exit status and what it printed. A .cmd file needs cmd.
function Run([string] $program, [string[]] $words, [string] $folder) {
  $start = [Diagnostics.ProcessStartInfo]::new()
  # Only words of this script come here, so quotes around what has a space are enough.
  $line = @(foreach ($word in $words) { if ($word.Contains(' ')) { "`"$word`"" } else { $word } }) -join ' '
  $start.FileName = $program
  $start.Arguments = $line
  if ($program -match '\.(cmd|bat)$') {
    $start.FileName = [Environment]::GetEnvironmentVariable('ComSpec')
    $start.Arguments = "/d /s /c `"`"$program`" $line`""
  }
  $start.WorkingDirectory = $folder
  $start.UseShellExecute = $false
  $start.RedirectStandardInput = $true
  $start.RedirectStandardOutput = $true
  $start.RedirectStandardError = $true
  $start.StandardOutputEncoding = $plainText
  $start.StandardErrorEncoding = $plainText
  $process = [Diagnostics.Process]::Start($start)
  try {
    $process.StandardInput.Close()
    $errors = $process.StandardError.ReadToEndAsync()
    $output = $process.StandardOutput.ReadToEnd()
    $process.WaitForExit()
    @{ status = $process.ExitCode; output = $output; all = $output + $errors.Result }
  } finally { $process.Dispose() }
}

# The path of a program, never of a script around it; $null if there is none.
function FindProgram([string[]] $names) {
  foreach ($name in $names) {
    $found = $ExecutionContext.InvokeCommand.GetCommand($name, [System.Management.Automation.CommandTypes]::Application)
    if ($null -ne $found) { return $found.Path }
  }
}

# Node's path and version.
function FindNode {
  $todo = 'Install Node.js 20.19 or newer (https://nodejs.org) and run this again.'
  $names = @('node')
  if ($isWindowsHere) { $names = @('node.exe') }
  $node = FindProgram $names
  if (-not $node) { Fail 'Node.js was not found; awsrole needs 20.19 or newer.' $todo }
  # execPath, because `node` may be the shim of a version manager that needs its own start-up.
  $version = (Run $node @('-p', 'process.versions.node') $PSScriptRoot).output.Trim()
  $path = (Run $node @('-p', 'process.execPath') $PSScriptRoot).output.Trim()
  if ($version -notmatch '^([0-9]+)\.([0-9]+)\.') { Fail "$node does not run as Node.js." $todo }
  if ([int]$Matches[1] -lt 20 -or ([int]$Matches[1] -eq 20 -and [int]$Matches[2] -lt 19)) {
    Fail "Node.js $version is too old; awsrole needs 20.19 or newer (found $node)." $todo
  }
  @{ path = $path; version = $version }
}

function Build {
  if (-not [IO.Directory]::Exists([IO.Path]::Combine($PSScriptRoot, 'src'))) { return } # a packed release is built already
  $names = @('npm')
  if ($isWindowsHere) { $names = @('npm.cmd', 'npm.exe') }
  $npm = FindProgram $names
  if (-not $npm) {
    Fail 'npm was not found; it is needed to build awsrole.' 'Install npm (it comes with Node.js from https://nodejs.org) and run this again.'
  }
  $lock = [IO.FileInfo]::new([IO.Path]::Combine($PSScriptRoot, 'package-lock.json'))
  $installed = [IO.FileInfo]::new([IO.Path]::Combine($PSScriptRoot, 'node_modules', '.package-lock.json'))
  if (-not $installed.Exists -or $lock.LastWriteTimeUtc -gt $installed.LastWriteTimeUtc) {
    Say 'Fetching the packages for the build (npm ci) ...'
    # NODE_ENV=production would leave the bundler out.
    $ran = Run $npm @('ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier') $PSScriptRoot
    if ($ran.status -ne 0) {
      [Console]::Error.WriteLine($ran.all)
      Fail 'npm ci failed (its output is above); nothing was installed.' 'Check the network and run this again.'
    }
  }
  Say 'Building awsrole ...'
  $ran = Run $npm @('run', 'build', '--no-update-notifier') $PSScriptRoot
  if ($ran.status -ne 0) {
    [Console]::Error.WriteLine($ran.all)
    Fail 'npm run build failed (its output is above); nothing was installed.' 'Try again in a fresh clone of the repository.'
  }
}

function IsOurs([string] $folder) {
  $package = [IO.Path]::Combine($folder, 'package.json')
  [IO.File]::Exists($package) -and [IO.File]::ReadAllText($package) -match '"name": *"awsrole"'
}

function IsOurLauncher([string] $file) {
  [IO.File]::Exists($file) -and [IO.File]::ReadAllText($file).IndexOf($launcherMark, [StringComparison]::Ordinal) -ge 0
}

# Copies a file or folder. Not by File.Copy, which takes the mark along that Windows puts on downloaded files:
# PowerShell does not run a script that has it.
function CopyTree([string] $from, [string] $to) {
  if ([IO.File]::Exists($from)) {
    [IO.File]::WriteAllBytes($to, [IO.File]::ReadAllBytes($from))
    return
  }
  $null = [IO.Directory]::CreateDirectory($to)
  foreach ($entry in [IO.Directory]::GetFileSystemEntries($from)) {
    CopyTree $entry ([IO.Path]::Combine($to, [IO.Path]::GetFileName($entry)))
  }
}

# Makes a folder, and notes what it made in $madeFolders, the deepest first.
function MakeFolder([string] $folder) {
  if (-not $folder -or [IO.Directory]::Exists($folder)) { return }
  MakeFolder ([IO.Path]::GetDirectoryName($folder))
  $null = [IO.Directory]::CreateDirectory($folder)
  $madeFolders.Insert(0, $folder)
}

# What starts awsrole from cmd and from other programs.
function LauncherText([string] $node) {
  $core = '"%~dp0..\share\awsrole\dist\cli.mjs" %*'
  $lines = @('@echo off', "$launcherMark. It starts Node.js directly.")
  # cmd reads this file in a code page of its own, so a path with other letters is left to PATH.
  if ($node -cmatch '^[ -~]+$') {
    $node = $node.Replace('%', '%%')
    $lines += "if not exist `"$node`" goto path", "`"$node`" $core", 'exit /b %errorlevel%', ':path'
  }
  (($lines + "node.exe $core", 'exit /b %errorlevel%') -join "`r`n") + "`r`n"
}

# The new tree is put together beside the old one and then takes its place by a rename.
function InstallTree($node) {
  if (-not [IO.File]::Exists([IO.Path]::Combine($PSScriptRoot, 'dist', 'cli.mjs'))) {
    Fail "$([IO.Path]::Combine($PSScriptRoot, 'dist', 'cli.mjs')) is missing." 'Clone the repository again and run install.ps1 in it.'
  }
  MakeFolder ([IO.Path]::Combine($Prefix, 'share'))
  MakeFolder $bin
  $old = [IO.Path]::Combine($staging, 'old')
  if ([IO.Directory]::Exists($staging)) {
    # What one that was killed has left.
    if (-not [IO.Directory]::Exists($share) -and [IO.Directory]::Exists($old)) { [IO.Directory]::Move($old, $share) }
    [IO.Directory]::Delete($staging, $true)
  }
  try {
    $new = [IO.Path]::Combine($staging, 'new')
    $null = [IO.Directory]::CreateDirectory($new)
    foreach ($name in 'dist', 'shell', 'package.json', 'LICENSE') {
      CopyTree ([IO.Path]::Combine($PSScriptRoot, $name)) ([IO.Path]::Combine($new, $name))
    }
    [IO.File]::WriteAllText([IO.Path]::Combine($new, 'node-path'), "$($node.path)`n", $plainText)
    $made = @($madeFolders)
    $before = [IO.Path]::Combine($share, 'made-folders')
    if ([IO.File]::Exists($before)) { $made += @([IO.File]::ReadAllText($before).Split([char]10)) }
    $made = @(foreach ($folder in $made) { if ($folder) { "$folder`n" } }) -join ''
    [IO.File]::WriteAllText([IO.Path]::Combine($new, 'made-folders'), $made, $plainText)
    try { } finally {
      # In here Ctrl-C waits: nothing comes between the renames.
      if ([IO.Directory]::Exists($share)) { [IO.Directory]::Move($share, $old) }
      try {
        [IO.Directory]::Move($new, $share)
      } catch {
        if ([IO.Directory]::Exists($old)) { [IO.Directory]::Move($old, $share) }
        throw
      }
      [IO.File]::WriteAllText($launcher, (LauncherText $node.path), $plainText)
    }
  } finally {
    if ([IO.Directory]::Exists($staging)) { [IO.Directory]::Delete($staging, $true) }
  }
}

# The profiles to wire: $PROFILE, and that of the other PowerShell (5.1 or 7) where its folder is there.
function Profiles {
  $first = [string]$PROFILE
  $first
  $folder = [IO.Path]::GetDirectoryName($first)
  $other = @{ 'PowerShell' = 'WindowsPowerShell'; 'WindowsPowerShell' = 'PowerShell' }[[IO.Path]::GetFileName($folder)]
  if ($isWindowsHere -and $other) {
    $folder = [IO.Path]::Combine([IO.Path]::GetDirectoryName($folder), $other)
    if ([IO.Directory]::Exists($folder)) { [IO.Path]::Combine($folder, [IO.Path]::GetFileName($first)) }
  }
}

# A profile taken apart: before, block and after, as text whose encoding gives the very same bytes again. damaged: the
# markers are no pair.
function ReadProfile([string] $file) {
  $encoding = [Text.Encoding]::GetEncoding(28591) # a letter a byte, whatever the file is written in
  $parts = @{ exists = [IO.File]::Exists($file); before = ''; block = ''; after = ''; newline = [Environment]::NewLine; damaged = $false; mark = 0 }
  if ($parts.exists) {
    $bytes = [IO.File]::ReadAllBytes($file)
    if ($bytes.Length -ge 2 -and $bytes[0] -eq 255 -and $bytes[1] -eq 254) { $encoding = [Text.UnicodeEncoding]::new($false, $false) }
    if ($bytes.Length -ge 2 -and $bytes[0] -eq 254 -and $bytes[1] -eq 255) { $encoding = [Text.UnicodeEncoding]::new($true, $false) }
    $text = $encoding.GetString($bytes)
    if ($text.IndexOf("`r`n", [StringComparison]::Ordinal) -ge 0) { $parts.newline = "`r`n" }
    elseif ($text.IndexOf([char]10) -ge 0) { $parts.newline = "`n" }
    $begins = [regex]::Matches($text, "(?m)^(\xEF\xBB\xBF|\uFEFF)?$([regex]::Escape($beginMarker))[ \t\r]*$")
    $ends = [regex]::Matches($text, "(?m)^$([regex]::Escape($endMarker))[ \t\r]*(\n|\z)")
    if ($begins.Count -eq 0 -and $ends.Count -eq 0) {
      $parts.before = $text
    } elseif ($begins.Count -eq 1 -and $ends.Count -eq 1 -and $begins[0].Index -lt $ends[0].Index) {
      $at = $begins[0].Index + $begins[0].Groups[1].Length
      $end = $ends[0].Index + $ends[0].Length
      $parts.before = $text.Substring(0, $at)
      $parts.block = $text.Substring($at, $end - $at)
      $parts.after = $text.Substring($end)
    } else { $parts.damaged = $true }
  }
  $parts.encoding = $encoding
  $parts
}

# Writes into the file, and not a new one over it, so that links and access rights stay.
function WriteProfile([string] $file, $parts, [string] $text) {
  [IO.File]::WriteAllBytes($file, $parts.encoding.GetBytes($text))
}

function Wire([string] $file) {
  $script = Quote ([IO.Path]::Combine($share, 'shell', 'awsrole.ps1'))
  $load = "if ([IO.File]::Exists($script)) { . ($script) }"
  try {
    $parts = ReadProfile $file
    if ($parts.damaged) {
      Warn "$file was left alone: it has a damaged awsrole block. Fix that and run this again, or add:`n$load"
      return
    }
    $lines = @($beginMarker, $load)
    $folders = [string][Environment]::GetEnvironmentVariable('PATH')
    $separator = [string][IO.Path]::PathSeparator
    $quotedBin = Quote $bin
    # What is on PATH may be there because of this very line.
    if (($folders.Split([IO.Path]::PathSeparator) -notcontains $bin) -or
      $parts.block.IndexOf("-notcontains ($quotedBin)", [StringComparison]::Ordinal) -ge 0) {
      $lines += "if (`$env:PATH.Split('$separator') -notcontains ($quotedBin)) { `$env:PATH += '$separator' + $quotedBin }"
    }
    $joined = ''
    if ($parts.block) {
      foreach ($note in $madeNote, $folderNote, $joinedNote) {
        if ($parts.block.IndexOf($note, [StringComparison]::Ordinal) -ge 0) { $lines += $note }
      }
    } else {
      if (-not $parts.exists) { $lines += $madeNote }
      if (-not [IO.Directory]::Exists([IO.Path]::GetDirectoryName($file))) { $lines += $folderNote }
      if ($parts.before -and -not $parts.before.EndsWith("`n", [StringComparison]::Ordinal) -and $parts.before -notmatch '^(\xEF\xBB\xBF|\uFEFF)\z') {
        $joined = $parts.newline
        $lines += $joinedNote
      }
    }
    $block = (($lines + $endMarker) -join $parts.newline) + $parts.newline
    if ([string]::Equals($block, $parts.block)) { return }
    $null = [IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($file))
    WriteProfile $file $parts ($parts.before + $joined + $block + $parts.after)
    if ($parts.block) { Say "Updated awsrole in $file" } else { Say "Added awsrole to $file" }
  } catch [IO.IOException], [UnauthorizedAccessException] {
    Warn "$file cannot be written. Add this to it:`n$load"
  }
}

# Takes the block of this installation out, so that the file is as it was before.
function Unwire([string] $file) {
  try {
    $parts = ReadProfile $file
    if ($parts.damaged) {
      Warn "$file was left alone: it has a damaged awsrole block. Remove what is left of the block."
      return
    }
    if (-not $parts.block) { return }
    $script = Quote ([IO.Path]::Combine($share, 'shell', 'awsrole.ps1'))
    if ($parts.block.IndexOf($script, [StringComparison]::Ordinal) -lt 0) {
      Say "Left alone: $file, which loads awsrole from elsewhere"
      return
    }
    $before = $parts.before
    if (-not $parts.after -and $parts.block.IndexOf($joinedNote, [StringComparison]::Ordinal) -ge 0) {
      $before = $before -replace '\r?\n\z', ''
    }
    if (-not ($before + $parts.after) -and $parts.block.IndexOf($madeNote, [StringComparison]::Ordinal) -ge 0) {
      [IO.File]::Delete($file)
      Say "Removed $file"
      $folder = [IO.Path]::GetDirectoryName($file)
      if ($parts.block.IndexOf($folderNote, [StringComparison]::Ordinal) -ge 0 -and
        [IO.Directory]::GetFileSystemEntries($folder).Length -eq 0) { [IO.Directory]::Delete($folder) }
    } else {
      WriteProfile $file $parts ($before + $parts.after)
      Say "Removed awsrole from $file"
    }
  } catch [IO.IOException], [UnauthorizedAccessException] {
    Warn "$file cannot be written. Remove the lines from $beginMarker to $endMarker from it."
  }
}

function InstallAll {
  $node = FindNode
  if ([IO.Directory]::Exists($share) -and -not (IsOurs $share)) {
    Fail "$share exists and is not awsrole; it was left alone." 'Move it away, or choose another place with -Prefix DIR.'
  }
  if ([IO.File]::Exists($launcher) -and -not (IsOurLauncher $launcher)) {
    Fail "$launcher exists and is another program; it was left alone." 'Move it away, or choose another place with -Prefix DIR.'
  }
  Build
  InstallTree $node
  $load = ". $(Quote ([IO.Path]::Combine($share, 'shell', 'awsrole.ps1')))"
  if (-not $NoRc) { foreach ($file in Profiles) { Wire $file } }
  Say "awsrole is installed in $Prefix (with Node.js $($node.version))."
  if ($NoRc) {
    Say "Load it into PowerShell, here and in your profile:  $load"
  } else {
    Say "Open a new PowerShell, or load it into this one:  $load"
    if ($isWindowsHere) {
      Say 'If a new one says that scripts cannot be run:  Set-ExecutionPolicy -Scope CurrentUser RemoteSigned'
    }
  }
  Say 'Then try it without an AWS account:  awsrole demo'
}

function UninstallAll {
  if (-not $NoRc) { foreach ($file in Profiles) { Unwire $file } }
  $found = $false
  $made = @()
  if (IsOurLauncher $launcher) {
    [IO.File]::Delete($launcher)
    $found = $true
  }
  if (IsOurs $share) {
    $record = [IO.Path]::Combine($share, 'made-folders')
    if ([IO.File]::Exists($record)) { $made = @([IO.File]::ReadAllText($record).Split([char]10)) }
    [IO.Directory]::Delete($share, $true)
    $found = $true
  }
  foreach ($folder in $made) {
    # Only those that hold, or held, this installation, and are empty.
    if ($folder -and [IO.Directory]::Exists($folder) -and "$bin\|$share\".Replace('/', '\').Contains($folder.Replace('/', '\') + '\') -and
      [IO.Directory]::GetFileSystemEntries($folder).Length -eq 0) { [IO.Directory]::Delete($folder) }
  }
  if (-not $found) {
    Say "There is no awsrole in $Prefix."
    return
  }
  Say "awsrole is removed from $Prefix. Shells that are open keep it until they end."
  $cache = [string][Environment]::GetEnvironmentVariable('LOCALAPPDATA')
  if (-not $isWindowsHere -or -not $cache) { $cache = [IO.Path]::Combine($homeFolder, '.cache') }
  $cache = [IO.Path]::Combine($cache, 'awsrole')
  if ([IO.Directory]::Exists($cache)) { Say "Its sessions are still in the cache. To remove them:  [IO.Directory]::Delete($(Quote $cache), `$true)" }
}

if ($Help) {
  Say $usage
  exit 0
}
if ($args.Count -gt 0) {
  Warn "'$($args[0])' is not an option."
  [Console]::Error.WriteLine($usage)
  exit 2
}
# Elsewhere than on Windows install.sh does it, with the same options.
if (-not $isWindowsHere) {
  $options = @()
  if ($Prefix) {
    # Relative to PowerShell's location, as below.
    $options += '--prefix', $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix)
  }
  if ($NoRc) { $options += '--no-rc' }
  if ($Uninstall) { $options += '--uninstall' }
  # It wires the shell that it was started from; .NET's tool runs as `dotnet`.
  if ([Diagnostics.Process]::GetCurrentProcess().ProcessName -ne 'pwsh') { [Environment]::SetEnvironmentVariable('SHELL', 'pwsh') }
  $PSNativeCommandUseErrorActionPreference = $false
  & /bin/sh ([IO.Path]::Combine($PSScriptRoot, 'install.sh')) $options
  exit $LASTEXITCODE
}
$homeFolder = [string][Environment]::GetEnvironmentVariable('HOME')
if (-not $homeFolder) { $homeFolder = [string][Environment]::GetEnvironmentVariable('USERPROFILE') }
$madeFolders = [System.Collections.Generic.List[string]]::new()
try {
  if (-not $Prefix) {
    if (-not $homeFolder) { Fail 'there is no home folder, so no ~\.local to install into.' 'Say where: -Prefix DIR' }
    $Prefix = [IO.Path]::Combine($homeFolder, '.local')
  }
  # Relative to PowerShell's location, which is not that of the process.
  $Prefix = [IO.Path]::GetFullPath($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix))
  $Prefix = $Prefix.TrimEnd([char[]]'\/')
  $share = [IO.Path]::Combine($Prefix, 'share', 'awsrole')
  $bin = [IO.Path]::Combine($Prefix, 'bin')
  $launcher = [IO.Path]::Combine($bin, 'awsrole.cmd')
  $staging = [IO.Path]::Combine($Prefix, 'share', '.awsrole-install')
  if ($Uninstall) { UninstallAll } else { InstallAll }
} catch {
  $exception = $_.Exception
  while ($null -ne $exception.InnerException) { $exception = $exception.InnerException }
  Warn $exception.Message
  exit 1
}
exit 0
