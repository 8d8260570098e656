# Sets awsrole up from this checkout, with Node.js and PowerShell only: builds it, copies it to PREFIX, and has
# `awsrole setup` wire PowerShell.
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

# Stored keys, which lie in the folder of the program where XDG_DATA_HOME says so. They are no part of it.
function IsKeys([string] $entry) { [string]::Equals([IO.Path]::GetFileName($entry), 'keys') }

# Moves them from the old tree into the new one.
function TakeKeysOver([string] $old) {
  $keys = [IO.Path]::Combine($old, 'keys')
  if ([IO.Directory]::Exists($keys)) { [IO.Directory]::Move($keys, [IO.Path]::Combine($share, 'keys')) }
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
    TakeKeysOver $old
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
      TakeKeysOver $old
      [IO.File]::WriteAllText($launcher, (LauncherText $node.path), $plainText)
    }
  } finally {
    if ([IO.Directory]::Exists($staging) -and -not [IO.Directory]::Exists([IO.Path]::Combine($old, 'keys'))) {
      [IO.Directory]::Delete($staging, $true)
    }
  }
}

function InstallAll {
  $node = FindNode
  $others = @(if ([IO.Directory]::Exists($share)) { foreach ($entry in [IO.Directory]::GetFileSystemEntries($share)) { if (-not (IsKeys $entry)) { $entry } } })
  if ([IO.Directory]::Exists($share) -and -not (IsOurs $share) -and ($others.Count -gt 0 -or [IO.Directory]::GetFileSystemEntries($share).Length -eq 0)) {
    Fail "$share exists and is not awsrole; it was left alone." 'Move it away, or choose another place with -Prefix DIR.'
  }
  if ([IO.File]::Exists($launcher) -and -not (IsOurLauncher $launcher)) {
    Fail "$launcher exists and is another program; it was left alone." 'Move it away, or choose another place with -Prefix DIR.'
  }
  Build
  InstallTree $node
  $null = Setup $node.path '--shell powershell'
}

# Has the profile changed, by the core that is installed, which talks to the person itself. Gives its exit status.
function Setup([string] $node, [string] $words) {
  if ($NoRc) { $words += ' --no-rc' }
  [Environment]::SetEnvironmentVariable('AWSROLE_TYPED_INTO', $PID)
  $start = [Diagnostics.ProcessStartInfo]::new()
  $start.FileName = $node
  $start.Arguments = "`"$([IO.Path]::Combine($share, 'dist', 'cli.mjs'))`" setup $words"
  $start.UseShellExecute = $false
  $process = [Diagnostics.Process]::Start($start)
  try {
    $process.WaitForExit()
    $process.ExitCode
  } finally { $process.Dispose() }
}

function UninstallAll {
  $found = $false
  $made = @()
  if (IsOurs $share) {
    $node = [IO.Path]::Combine($share, 'node-path')
    $node = if ([IO.File]::Exists($node)) { [IO.File]::ReadAllText($node).Trim() } else { '' }
    if (-not [IO.File]::Exists($node)) { $node = (FindNode).path }
    $isThere = [IO.File]::Exists([IO.Path]::Combine($share, 'dist', 'commands-setup.mjs'))
    if (-not $isThere -or (Setup $node '--uninstall --yes') -notin 0, 3) {
      Warn 'what awsrole has put elsewhere could not all be taken back. The lines in profiles do nothing without it.'
    }
    $record = [IO.Path]::Combine($share, 'made-folders')
    if ([IO.File]::Exists($record)) { $made = @([IO.File]::ReadAllText($record).Split([char]10)) }
    foreach ($entry in [IO.Directory]::GetFileSystemEntries($share)) {
      if ([IO.File]::Exists($entry)) { [IO.File]::Delete($entry) }
      elseif (-not (IsKeys $entry)) { [IO.Directory]::Delete($entry, $true) }
    }
    if ([IO.Directory]::GetFileSystemEntries($share).Length -eq 0) { [IO.Directory]::Delete($share) }
    $found = $true
  }
  if (IsOurLauncher $launcher) {
    [IO.File]::Delete($launcher)
    $found = $true
  }
  foreach ($folder in $made) {
    # Only those that hold, or held, this installation, and are empty.
    if ($folder -and [IO.Directory]::Exists($folder) -and "$bin\|$share\".Replace('/', '\').Contains($folder.Replace('/', '\') + '\') -and
      [IO.Directory]::GetFileSystemEntries($folder).Length -eq 0) { [IO.Directory]::Delete($folder) }
  }
  if ($found) { Say "awsrole is removed from $Prefix. Shells that are open keep it until they end." }
  else { Say "There is no awsrole in $Prefix." }
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
