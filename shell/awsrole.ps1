# Loads awsrole into PowerShell, for a line in a profile: it is the module beside this file. -Global, so that it may be
# loaded from anywhere, such as a function or another module.
Import-Module "$PSScriptRoot/awsrole.psd1" -Global
