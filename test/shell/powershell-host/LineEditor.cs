using System.Management.Automation;

namespace PowerShellHost;

/// <summary>Reads one command line. The cursor stays at its end: what a test types needs no more.</summary>
internal sealed class LineEditor(Terminal terminal, Func<string, int, CommandCompletion> complete)
{
  private readonly List<string> _history = [];
  private string _prompt = "";
  private string _line = "";
  private int _firstColumn;

  // The matches Tab goes through, and the text before and after them; empty unless the last key was Tab.
  private List<CompletionResult> _matches = [];
  private (string Before, string After) _around;
  private int _match;

  /// <returns>the line; empty after Ctrl-C; null after Ctrl-D on an empty line or the end of input</returns>
  public string? ReadLine(string prompt)
  {
    _prompt = prompt;
    _line = "";
    Console.Out.Write(prompt);
    _firstColumn = terminal.CursorColumn();
    Terminal.BeginReading();
    try
    {
      var line = ReadKeys();
      Console.Out.WriteLine();
      return line;
    }
    finally
    {
      Terminal.EndReading();
    }
  }

  private string? ReadKeys()
  {
    var past = _history.Count;
    while (terminal.ReadKey() is var (key, text))
    {
      if (key != Key.Tab)
      {
        _matches = [];
      }

      switch (key)
      {
        case Key.Character:
          _line += text;
          Console.Out.Write(text);
          break;
        case Key.Enter:
          if (!string.IsNullOrWhiteSpace(_line))
          {
            _history.Add(_line);
          }

          return _line;
        case Key.CtrlC:
          Console.Out.Write("^C");
          return "";
        case Key.CtrlD when _line.Length == 0:
          return null;
        case Key.CtrlU:
          Show("");
          break;
        case Key.Backspace when _line.Length > 0:
          Show(_line[..^(_line.Length > 1 && char.IsSurrogatePair(_line, _line.Length - 2) ? 2 : 1)]);
          break;
        case Key.Up when past > 0:
          Show(_history[--past]);
          break;
        case Key.Down when past < _history.Count:
          past++;
          Show(past < _history.Count ? _history[past] : "");
          break;
        case Key.Tab:
          CompleteLine();
          break;
      }
    }

    return null;
  }

  /// <summary>One match goes in. Several are listed, and their common beginning goes in; Tab again goes through them.</summary>
  private void CompleteLine()
  {
    if (_matches.Count > 0)
    {
      _match = (_match + 1) % _matches.Count;
      Show(_around.Before + _matches[_match].CompletionText + _around.After);
      return;
    }

    var completion = complete(_line, _line.Length);
    var end = completion.ReplacementIndex + completion.ReplacementLength;
    switch (completion.CompletionMatches)
    {
      case []:
        return;
      case [var only]:
        Show(_line[..completion.ReplacementIndex] + only.CompletionText + _line[end..]);
        return;
      case var several:
        var replaced = _line[completion.ReplacementIndex..end];
        _matches = [.. several];
        _match = -1;
        _around = (_line[..completion.ReplacementIndex], _line[end..]);
        var common = CommonBeginning(several.Select(match => match.CompletionText).ToList());
        List(_matches);
        Show(_around.Before + (common.Length > replaced.Length ? common : replaced) + _around.After);
        return;
    }
  }

  /// <summary>In columns below the line; with tooltips that say more than the match, one a line.</summary>
  private void List(List<CompletionResult> matches)
  {
    Console.Out.WriteLine();
    var cell = matches.Max(match => match.ListItemText.Length) + 2;
    if (matches.Any(match => match.ToolTip != match.ListItemText && match.ToolTip != match.CompletionText))
    {
      foreach (var match in matches)
      {
        Console.Out.WriteLine($"{match.ListItemText.PadRight(cell)}{match.ToolTip.ReplaceLineEndings(" ")}");
      }
    }
    else
    {
      foreach (var row in matches.Chunk(Math.Max(1, Console.WindowWidth / cell)))
      {
        Console.Out.WriteLine(string.Concat(row.Select(match => match.ListItemText.PadRight(cell))).TrimEnd());
      }
    }

    Console.Out.Write(_prompt);
    _line = "";
  }

  /// <summary>Replaces the whole line, which may take several rows.</summary>
  private void Show(string line)
  {
    var rows = Math.Max(0, _firstColumn + _line.Length - 1) / Math.Max(1, Console.WindowWidth);
    var up = rows > 0 ? $"\e[{rows}A" : "";
    var right = _firstColumn > 0 ? $"\e[{_firstColumn}C" : "";
    Console.Out.Write($"\r{up}{right}\e[J{line}");
    _line = line;
  }

  private static string CommonBeginning(List<string> texts)
  {
    var first = texts[0];
    var length = first.Length;
    foreach (var text in texts)
    {
      length = Math.Min(length, text.Length);
      while (!text.StartsWith(first[..length], StringComparison.OrdinalIgnoreCase))
      {
        length--;
      }
    }

    return first[..length];
  }
}
