# Prints, as FILE:LINE:COLUMN: MESSAGE, what does not parse in the files that are named, and what parses here but not in
# Windows PowerShell 5.1. It sees syntax only. Status 1: something was printed.
if (-not $args) { throw 'usage: lint-powershell.ps1 FILE...' }

$names = @{
  TernaryExpressionAst = 'the ternary operator ?:'
  PipelineChainAst = 'the pipeline chain operators && and ||'
}
# An even number of backticks before it would make the last one a literal backtick.
$newEscape = '(?<!`)(?:``)*`(?:e|u\{)'
# 0b101, and the suffixes n, s, u, us, ul, uy, y; 5.1 knows l and d only. In a hexadecimal number no digit is one of them.
$newNumber = '^[+-]?(?:0b|.*(?:n|s|u|us|ul|uy|y)(?:[kmgtp]b)?$)'

# What a node of the syntax tree is that 5.1 does not know.
function Get-NewerNode($node) {
  $name = $names[$node.GetType().Name]
  if ($name) { $name }
  elseif ($node.Operator -eq 'QuestionQuestion') { 'the null-coalescing operator ??' }
  elseif ($node.Operator -eq 'QuestionQuestionEquals') { 'the null-coalescing assignment ??=' }
  elseif ($node.NullConditional) { 'the null-conditional access ?. or ?[]' }
  elseif ($node.Background) { 'the background operator &' }
  elseif ($node.BlockKind -eq 'Clean') { 'the clean block' }
}

# Reports what stands at an extent.
filter Report($extent) {
  $script:found = 1
  [pscustomobject]@{
    Offset = $extent.StartOffset
    Text = "${file}:$($extent.StartLineNumber):$($extent.StartColumnNumber): $_"
  }
}

$found = 0
foreach ($file in $args) {
  $path = (Resolve-Path -LiteralPath $file -ErrorAction Stop).ProviderPath
  $bytes = [IO.File]::ReadAllBytes($path)
  $marked = $bytes.Count -ge 3 -and "$($bytes[0..2])" -eq '239 187 191'
  $tokens = $errors = $null
  $tree = [System.Management.Automation.Language.Parser]::ParseFile($path, [ref]$tokens, [ref]$errors)
  & {
    foreach ($problem in $errors) { $problem.Message | Report $problem.Extent }
    foreach ($node in $tree.FindAll({ $true }, $true)) {
      Get-NewerNode $node | ForEach-Object { "Windows PowerShell 5.1 does not know $_" } | Report $node.Extent
    }
    $startsLine = $true
    foreach ($token in $tokens) {
      & {
        if ($startsLine -and $token.Kind -eq 'Pipe') { 'Windows PowerShell 5.1 does not know a line that begins with |' }
        if ($token -is [System.Management.Automation.Language.StringExpandableToken] -and $token.Text -cmatch $newEscape) {
          'Windows PowerShell 5.1 does not know the escapes `e and `u{}'
        }
        if ($token.Kind -eq 'Number' -and $token.Text -match $newNumber) {
          'Windows PowerShell 5.1 does not know this form of number'
        }
        if ($token.Kind -ne 'Comment' -and -not $marked -and $token.Text -cmatch '[^\x00-\x7f]') {
          'Windows PowerShell 5.1 reads a file without byte order mark in the ANSI code page; this is not ASCII'
        }
      } | Report $token.Extent
      $startsLine = $token.Kind -eq 'NewLine' -or ($startsLine -and $token.Kind -eq 'Comment')
    }
  } | Sort-Object Offset | ForEach-Object Text
}
exit $found
