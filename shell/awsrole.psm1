# awsrole for Windows PowerShell 5.1 and PowerShell 7: `awsrole NAME` puts the session of an AWS role into this shell.
#
# Every new shell waits for this file, and each kind of statement in it takes PowerShell some milliseconds the first time:
# so it holds what must be there, in few words. The rest is read at the first use.

if ($ExecutionContext.SessionState.LanguageMode) { # FullLanguage is 0
  Write-Warning 'awsrole is not loaded: ConstrainedLanguage does not let it work; its program awsrole exec NAME -- COMMAND does'
  return
}

# Neither [CmdletBinding()] nor [Parameter()]: PowerShell would then take -v and -d for itself.
function awsrole {
  <#
  .SYNOPSIS
  Switches this shell to the role of an AWS profile.
  .DESCRIPTION
  awsrole NAME switches to a profile of ~/.aws/config or ~/.aws/credentials, and asks for an MFA code where one is needed.
  awsrole off puts everything back, awsrole - goes to the role before, and awsrole exec NAME -- COMMAND runs one command
  in a role. -WhatIf is --dry-run here, and -Verbose is --debug. All commands and options: awsrole --help
  .EXAMPLE
  awsrole role101
  .EXAMPLE
  awsrole exec role101 -- aws s3 ls
  .EXAMPLE
  awsrole off
  #>
  __awsrole_load
  __awsrole_run $MyInvocation $args $input
  # For `$?` and `awsrole a && terraform apply`: only a cmdlet has a public way to fail without an error record.
  if ($script:current) {
    __awsrole_inside $script:current.Invoke() ('CommandRuntime', 'PipelineProcessor') 'set_ExecutionFailed' $true
  }
}

# The file of a part of it, which an update may have taken away since.
function __awsrole_part([string] $name) {
  $file = "$PSScriptRoot/awsrole-$name.ps1"
  if ([IO.File]::Exists($file)) { return $file }
  throw "the awsrole of this shell is gone ($file); open a new shell, or install it again"
}

function __awsrole_load { if (-not $script:base) { . (__awsrole_part 'shell') } }

Export-ModuleMember -Function awsrole # the lines of setup read no manifest, which takes long

Register-ArgumentCompleter -Native -CommandName awsrole -ScriptBlock {
  __awsrole_load
  __awsrole_complete @args
}
if ($env:AWSROLE_PROFILE) {
  __awsrole_load
  __awsrole_set_prompt
}
