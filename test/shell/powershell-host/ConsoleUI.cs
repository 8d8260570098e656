using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace PowerShellHost;

/// <summary><c>$Host.UI</c>: output and warnings on standard output, errors on standard error.</summary>
internal sealed class ConsoleUI(bool nonInteractive) : PSHostUserInterface
{
  private static readonly bool s_outputIsTerminal = IsTerminal(Console.IsOutputRedirected);
  private static readonly bool s_errorIsTerminal = IsTerminal(Console.IsErrorRedirected);

  public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUI();

  public override bool SupportsVirtualTerminal => s_outputIsTerminal;

  public override void Write(string value) => Console.Out.Write(GetOutputString(value, s_outputIsTerminal));

  public override void WriteLine(string value) => Write(value + Environment.NewLine);

  public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value)
  {
    if (!s_outputIsTerminal)
    {
      Write(value);
      return;
    }

    var (foreground, background) = (Console.ForegroundColor, Console.BackgroundColor);
    (Console.ForegroundColor, Console.BackgroundColor) = (foregroundColor, backgroundColor);
    Write(value);
    (Console.ForegroundColor, Console.BackgroundColor) = (foreground, background);
  }

  public override void WriteErrorLine(string value)
  {
    if (!string.IsNullOrEmpty(value))
    {
      Console.Error.WriteLine(GetOutputString(value, s_errorIsTerminal));
    }
  }

  public override void WriteDebugLine(string message) => WriteMessage(FormatStyle.Debug, $"DEBUG: {message}");

  public override void WriteVerboseLine(string message) => WriteMessage(FormatStyle.Verbose, $"VERBOSE: {message}");

  public override void WriteWarningLine(string message) => WriteMessage(FormatStyle.Warning, $"WARNING: {message}");

  public override void WriteProgress(long sourceId, ProgressRecord record)
  {
    // No progress bars.
  }

  public override string ReadLine()
  {
    RequireInteractive();
    return Console.ReadLine()!;
  }

  public override SecureString ReadLineAsSecureString()
  {
    RequireInteractive();
    var secret = new SecureString();
    while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
    {
      if (key.Key != ConsoleKey.Backspace)
      {
        secret.AppendChar(key.KeyChar);
        Console.Out.Write('*');
      }
      else if (secret.Length > 0)
      {
        secret.RemoveAt(secret.Length - 1);
        Console.Out.Write("\b \b");
      }
    }

    Console.Out.WriteLine();
    return secret;
  }

  public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions)
  {
    RequireInteractive();
    WriteLine($"{Environment.NewLine}{caption}{Environment.NewLine}{message}");
    var answers = new Dictionary<string, PSObject>();
    foreach (var field in descriptions)
    {
      Write($"{field.Name}: ");
      answers[field.Name] = PSObject.AsPSObject(ReadLine());
    }

    return answers;
  }

  public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
  {
    RequireInteractive();
    WriteLine($"{Environment.NewLine}{caption}{Environment.NewLine}{message}");
    while (true)
    {
      var labels = choices.Select(choice => $"[{HotKey(choice)}] {choice.Label.Replace("&", "", StringComparison.Ordinal)}");
      Write($"{string.Join("  ", labels)} (default is \"{HotKey(choices[Math.Max(defaultChoice, 0)])}\"): ");
      if (Console.ReadLine() is not { Length: > 0 } answer)
      {
        return defaultChoice;
      }

      for (var i = 0; i < choices.Count; i++)
      {
        if (answer.Equals(HotKey(choices[i]), StringComparison.OrdinalIgnoreCase))
        {
          return i;
        }
      }
    }
  }

  public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
      PromptForCredential(caption, message, userName, targetName, PSCredentialTypes.Default, PSCredentialUIOptions.Default);

  public override PSCredential PromptForCredential(
      string caption, string message, string userName, string targetName,
      PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
      throw new PSNotImplementedException("This host asks for no credentials.");

  private static bool IsTerminal(bool redirected) => !redirected && Environment.GetEnvironmentVariable("TERM") != "dumb";

  private static string HotKey(ChoiceDescription choice)
  {
    var ampersand = choice.Label.IndexOf('&', StringComparison.Ordinal);
    return ampersand >= 0 && ampersand + 1 < choice.Label.Length ? choice.Label.Substring(ampersand + 1, 1) : choice.Label;
  }

  private void WriteMessage(FormatStyle style, string message) =>
      WriteLine(GetFormatStyleString(style) + message + (s_outputIsTerminal ? PSStyle.Instance.Reset : ""));

  private void RequireInteractive()
  {
    if (nonInteractive)
    {
      throw new HostException("PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.");
    }
  }
}

/// <summary><c>$Host.UI.RawUI</c>: sizes and the cursor. There is no screen buffer outside Windows, in pwsh neither.</summary>
internal sealed class ConsoleRawUI : PSHostRawUserInterface
{
  public override ConsoleColor ForegroundColor { get => Console.ForegroundColor; set => Console.ForegroundColor = value; }
  public override ConsoleColor BackgroundColor { get => Console.BackgroundColor; set => Console.BackgroundColor = value; }
  public override Coordinates CursorPosition
  {
    get => new(Console.CursorLeft, Console.CursorTop);
    set => Console.SetCursorPosition(value.X, value.Y);
  }

  public override Coordinates WindowPosition { get; set; }
  public override int CursorSize { get; set; } = 100;
  public override Size BufferSize { get => WindowSize; set { } }
  public override Size WindowSize { get => new(Console.WindowWidth, Console.WindowHeight); set { } }
  public override Size MaxWindowSize => WindowSize;
  public override Size MaxPhysicalWindowSize => WindowSize;
  public override bool KeyAvailable => Console.KeyAvailable;
  public override string WindowTitle { get; set; } = "";

  public override KeyInfo ReadKey(ReadKeyOptions options)
  {
    var key = Console.ReadKey(intercept: options.HasFlag(ReadKeyOptions.NoEcho));
    return new KeyInfo((int)key.Key, key.KeyChar, 0, keyDown: true);
  }

  public override void FlushInputBuffer()
  {
    while (!Console.IsInputRedirected && Console.KeyAvailable)
    {
      _ = Console.ReadKey(intercept: true);
    }
  }

  public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new PSNotImplementedException();

  public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => Console.Clear();

  public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw new PSNotImplementedException();

  public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) =>
      throw new PSNotImplementedException();
}
