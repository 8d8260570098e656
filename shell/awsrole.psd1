@{
  RootModule = 'awsrole.psm1'
  # The build writes the version (package.json).
  ModuleVersion = '0.1.0'
  GUID = '5d0c1b0e-6a52-4c1f-9c0b-3f6f1b6d2a77'
  Author = 'The authors of awsrole'
  Description = 'Switches the IAM role of the shell you are typing in.'
  PowerShellVersion = '5.1'
  FunctionsToExport = 'awsrole'
  CmdletsToExport = @()
  VariablesToExport = @()
  AliasesToExport = @()
}
