# Builds awsrole in this checkout; its core then puts itself into PREFIX and wires PowerShell (`awsrole setup`).
# For Windows; elsewhere it hands over to install.sh, which wires every shell. Runs again at any time (it then upgrades);
# -Uninstall takes everything back.
#
#   powershell -ExecutionPolicy Bypass -File install.ps1
param(
  [string] $Prefix = '', # awsrole goes into PREFIX\share\awsrole and PREFIX\bin; by default ~\.local
  [switch] $NoRc, # leave the profile of PowerShell alone
  [switch] $Uninstall, # remove what an installation has added
  [switch] $Help
)

Set-StrictMode -Version Latest
# Whether a program has failed is asked of its status: Windows PowerShell takes all that it writes to standard error for errors.
$ErrorActionPreference = 'Continue'
$PSNativeCommandUseErrorActionPreference = $false

$usage = @'
Usage: install.ps1 [-Prefix DIR] [-NoRc]
       install.ps1 -Uninstall [-Prefix DIR] [-NoRc]

  -Prefix DIR   install into DIR\bin and DIR\share\awsrole (default: ~\.local)
  -NoRc         leave the profile of PowerShell alone
  -Uninstall    remove what an installation has added
'@
$isWindowsHere = [IO.Path]::DirectorySeparatorChar -eq '\'

# Ends it with a reason and what to do.
function Fail([string] $what, [string] $todo, [int] $status = 1) {
  [Console]::Error.WriteLine("install.ps1: $what`n$todo")
  exit $status
}

# The path of a program, never of a script around it; $null if there is none.
function FindProgram([string[]] $names) {
  foreach ($name in $names) {
    $found = $ExecutionContext.InvokeCommand.GetCommand($name, [System.Management.Automation.CommandTypes]::Application)
    if ($null -ne $found) { return $found.Path }
  }
}

# Whether npm does it, in the checkout; what it says is shown only when it fails. No cmdlet is called: each would load a module.
function Npm([string[]] $words) {
  $place = $ExecutionContext.SessionState.Path
  $place.PushCurrentLocation('awsrole')
  try {
    $null = $place.SetLocation([System.Management.Automation.WildcardPattern]::Escape($PSScriptRoot))
    $said = @($null | & $npm $words 2>&1) -join "`n"
  } finally { $null = $place.PopLocation('awsrole') }
  if ($LASTEXITCODE -ne 0) { [Console]::Error.WriteLine($said) }
  $LASTEXITCODE -eq 0
}

if ($Help) { [Console]::Out.WriteLine($usage); exit 0 }
if ($args.Count -gt 0) { Fail "'$($args[0])' is not an option." $usage 2 }
# Relative to PowerShell's location, which is not that of the process.
if ($Prefix) { $Prefix = [IO.Path]::Combine($ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Prefix), '.') }
# Elsewhere than on Windows install.sh does it, with the same options.
if (-not $isWindowsHere) {
  $options = @(if ($Prefix) { '--prefix', $Prefix }; if ($NoRc) { '--no-rc' }; if ($Uninstall) { '--uninstall' })
  # It wires the shell that it was started from; .NET's tool runs as `dotnet`.
  if ([Diagnostics.Process]::GetCurrentProcess().ProcessName -ne 'pwsh') { [Environment]::SetEnvironmentVariable('SHELL', 'pwsh') }
  & /bin/sh ([IO.Path]::Combine($PSScriptRoot, 'install.sh')) $options
  exit $LASTEXITCODE
}
$homeFolder = if ($env:HOME) { $env:HOME } else { $env:USERPROFILE }
if (-not $Prefix -and -not $homeFolder) { Fail 'there is no home folder, so no ~\.local to install into.' '  Say where: -Prefix DIR' }
if (-not $Prefix) { $Prefix = [IO.Path]::Combine($homeFolder, '.local') }
$installed = [IO.Path]::Combine($Prefix, 'share', 'awsrole')

$todo = '  Install Node.js 20.19 or newer (https://nodejs.org) and run this again.'
$node = FindProgram $(if ($isWindowsHere) { 'node.exe' } else { 'node' })
if ($Uninstall -and -not $node -and [IO.File]::Exists("$installed/node-path")) { $node = [IO.File]::ReadAllText("$installed/node-path").Trim() -replace '^/([A-Za-z])/', '$1:/' }
if (-not $node) { Fail 'Node.js was not found; awsrole needs 20.19 or newer.' $todo }
$version = try { "$(& $node -p process.versions.node 2>$null)" } catch { '' }
if ($version -notmatch '^([0-9]+)\.([0-9]+)\.') { Fail "$node does not run as Node.js." $todo }
if ([int]$Matches[1] -lt 20 -or ([int]$Matches[1] -eq 20 -and [int]$Matches[2] -lt 19)) { Fail "Node.js $version is too old; awsrole needs 20.19 or newer (found $node)." $todo }

# What takes an installation away is the core that was installed, else the one here, else the one that is built now.
$core = ''
if ($Uninstall) {
  foreach ($root in $installed, $PSScriptRoot) {
    if ($core -or -not [IO.File]::Exists("$root/dist/commands-setup-prefix.mjs")) { continue }
    $null = & $node "$root/dist/cli.mjs" --version 2>&1
    if ($LASTEXITCODE -eq 0) { $core = $root }
  }
  $places = "$installed/package.json", "$Prefix/bin/awsrole.cmd", "$Prefix/share/.awsrole-install/run.lock"
  if (-not $core -and -not $places.Where({ [IO.File]::Exists($_) -or [IO.Directory]::Exists($_) })) { [Console]::Out.WriteLine("There is no awsrole in $Prefix."); exit 0 }
}
if (-not $core -and [IO.Directory]::Exists([IO.Path]::Combine($PSScriptRoot, 'src'))) { # a packed release is built already
  $npm = FindProgram $(if ($isWindowsHere) { 'npm.cmd', 'npm.exe' } else { 'npm' })
  if (-not $npm) { Fail 'npm was not found; it is needed to build awsrole.' '  Install npm (it comes with Node.js from https://nodejs.org) and run this again.' }
  $lock = [IO.FileInfo]::new([IO.Path]::Combine($PSScriptRoot, 'package-lock.json'))
  $packages = [IO.FileInfo]::new([IO.Path]::Combine($PSScriptRoot, 'node_modules', '.package-lock.json'))
  if (-not $packages.Exists -or $lock.LastWriteTimeUtc -gt $packages.LastWriteTimeUtc) {
    [Console]::Out.WriteLine('Fetching the packages for the build (npm ci) ...')
    # NODE_ENV=production would leave the bundler out.
    if (-not (Npm 'ci', '--include=dev', '--no-audit', '--no-fund', '--no-update-notifier')) {
      Fail 'npm ci failed (its output is above); nothing was installed.' '  Check the network and run this again.'
    }
  }
  [Console]::Out.WriteLine('Building awsrole ...')
  if (-not (Npm 'run', 'build', '--no-update-notifier')) { Fail 'npm run build failed (its output is above); nothing was installed.' '  Try again in a fresh clone of the repository.' }
}
if (-not $core) { $core = $PSScriptRoot }
if (-not [IO.File]::Exists("$core/dist/cli.mjs")) { Fail "$core/dist/cli.mjs is missing." '  Clone the repository again and run install.ps1 in it.' }

$options = @('--from', $PSScriptRoot, '--prefix', $Prefix; if ($NoRc) { '--no-rc' }; if ($Uninstall) { '--uninstall', '--yes' } else { '--shell', 'powershell' })
[Environment]::SetEnvironmentVariable('AWSROLE_TYPED_INTO', $PID)
& $node "$core/dist/cli.mjs" setup $options
exit $LASTEXITCODE
