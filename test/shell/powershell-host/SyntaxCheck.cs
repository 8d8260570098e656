using System.Management.Automation.Language;
using System.Text;
using System.Text.RegularExpressions;

namespace PowerShellHost;

/// <summary>
/// <c>--parse FILE...</c>: reports what does not parse, and what parses here but not in Windows PowerShell 5.1,
/// as <c>file:line:column: message</c>.
/// </summary>
internal static partial class SyntaxCheck
{
  /// <returns>0: clean; 1: something was reported; 2: a file could not be read, or none was named</returns>
  public static int Run(string[] files)
  {
    if (files.Length == 0)
    {
      Console.Error.WriteLine("usage: pwsh-host --parse FILE...");
      return 2;
    }

    var status = 0;
    foreach (var file in files)
    {
      if (!File.Exists(file))
      {
        Console.Error.WriteLine($"{file}: no such file");
        status = 2;
        continue;
      }

      var findings = Findings(Path.GetFullPath(file)).OrderBy(finding => finding.At.StartOffset).ToList();
      foreach (var (at, message) in findings)
      {
        Console.WriteLine($"{file}:{at.StartLineNumber}:{at.StartColumnNumber}: {message}");
      }

      status = Math.Max(status, findings.Count > 0 ? 1 : 0);
    }

    return status;
  }

  private static IEnumerable<(IScriptExtent At, string Message)> Findings(string path)
  {
    var tree = Parser.ParseFile(path, out var tokens, out var errors);
    var nodes = tree.FindAll(_ => true, searchNestedScriptBlocks: true);
    return errors.Select(error => (error.Extent, error.Message))
        .Concat(nodes.SelectMany(NewerNode))
        .Concat(NewerTokens(tokens, hasByteOrderMark: HasByteOrderMark(path)));
  }

  private static IEnumerable<(IScriptExtent At, string Message)> NewerNode(Ast node)
  {
    var newer = node switch
    {
      TernaryExpressionAst => "the ternary operator ?:",
      PipelineChainAst chain => $"the pipeline chain operator {(chain.Operator == TokenKind.AndAnd ? "&&" : "||")}",
      BinaryExpressionAst { Operator: TokenKind.QuestionQuestion } => "the null-coalescing operator ??",
      AssignmentStatementAst { Operator: TokenKind.QuestionQuestionEquals } => "the null-coalescing assignment ??=",
      MemberExpressionAst { NullConditional: true } => "the null-conditional access ?.",
      IndexExpressionAst { NullConditional: true } => "the null-conditional access ?[]",
      PipelineAst { Background: true } => "the background operator &",
      NamedBlockAst { BlockKind: TokenKind.Clean } => "the clean block",
      _ => null,
    };
    return newer is null ? [] : [(node.Extent, NotIn51(newer))];
  }

  private static IEnumerable<(IScriptExtent At, string Message)> NewerTokens(Token[] tokens, bool hasByteOrderMark)
  {
    var startsLine = true;
    foreach (var token in tokens)
    {
      if (token.Kind == TokenKind.Pipe && startsLine)
      {
        yield return (token.Extent, NotIn51("a line that begins with |"));
      }

      if (token is StringExpandableToken && NewEscape().IsMatch(token.Text))
      {
        yield return (token.Extent, NotIn51("the escape `e or `u{}"));
      }

      if (token.Kind == TokenKind.Number && NewNumber().IsMatch(token.Text))
      {
        yield return (token.Extent, NotIn51("this form of number"));
      }

      if (token.Kind != TokenKind.Comment && !hasByteOrderMark && !Ascii.IsValid(token.Text))
      {
        yield return (token.Extent, "Windows PowerShell 5.1 reads a file without byte order mark in the ANSI code page; this is not ASCII");
      }

      startsLine = token.Kind is TokenKind.NewLine || (startsLine && token.Kind is TokenKind.Comment);
    }
  }

  private static bool HasByteOrderMark(string path) => File.ReadAllBytes(path).AsSpan().StartsWith(Encoding.UTF8.Preamble);

  private static string NotIn51(string what) => $"Windows PowerShell 5.1 does not know {what}";

  // An even number of backticks before it would make the last one a literal backtick.
  [GeneratedRegex(@"(?<!`)(?:``)*`(?:e|u\{)")]
  private static partial Regex NewEscape();

  // 0b101, and the suffixes n, s, u, us, ul, uy, y; 5.1 knows l and d only. In a hexadecimal number no digit is one of them.
  [GeneratedRegex("^[+-]?(?:0b|.*(?:n|s|u|us|ul|uy|y)(?:[kmgtp]b)?$)", RegexOptions.IgnoreCase)]
  private static partial Regex NewNumber();
}
