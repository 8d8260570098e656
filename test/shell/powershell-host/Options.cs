using System.Management.Automation.Runspaces;
using System.Text;

namespace PowerShellHost;

/// <summary>The command line, read as pwsh reads it: parameters may be cut short, <c>/x</c> and <c>--x</c> are <c>-x</c>.</summary>
internal sealed class Options
{
  /// <summary>What pwsh exits with when it does not understand its own command line.</summary>
  public const int BadCommandLine = 64;

  // Full name, shortest form pwsh accepts for it.
  private static readonly (string Name, string Shortest)[] s_parameters =
  [
      ("command", "c"), ("encodedcommand", "e"), ("executionpolicy", "ex"), ("ep", "ep"), ("file", "f"),
        ("interactive", "i"), ("login", "l"), ("noexit", "noe"), ("nologo", "nol"), ("noninteractive", "noni"),
        ("noprofile", "nop"), ("noprofileloadtime", "noprofilel"), ("version", "v"), ("workingdirectory", "wo"),
        ("wd", "wd"),
    ];

  public bool NoProfile { get; private set; }
  public bool NonInteractive { get; private set; }
  public bool NoExit { get; private set; }
  public bool ShowVersion { get; private set; }
  public bool ReadCommandsFromStdin { get; private set; }
  public string? Command { get; private set; }
  public string? File { get; private set; }
  public string? WorkingDirectory { get; private set; }
  public List<CommandParameter> FileArguments { get; } = [];

  /// <exception cref="ArgumentException">the message is what pwsh would print</exception>
  public static Options Parse(string[] args)
  {
    var options = new Options();
    for (var i = 0; i < args.Length; i++)
    {
      var rest = args[(i + 1)..];
      switch (ParameterName(args[i]))
      {
        case "noprofile": options.NoProfile = true; break;
        case "noninteractive": options.NonInteractive = true; break;
        case "noexit": options.NoExit = true; break;
        case "version": options.ShowVersion = true; break;
        case "nologo" or "login" or "interactive" or "noprofileloadtime": break;
        case "executionpolicy" or "ep": i++; break; // there is no policy outside Windows
        case "workingdirectory" or "wd": options.WorkingDirectory = Next(args, ref i); break;
        case "encodedcommand":
          options.Command = Encoding.Unicode.GetString(Convert.FromBase64String(Next(args, ref i)));
          break;
        case "command":
          _ = Next(args, ref i);
          options.SetCommand(rest);
          return options;
        case "file":
          options.SetFile(Next(args, ref i), rest[1..]);
          return options;
        case null:
          options.SetFile(args[i], rest);
          return options;
      }
    }

    return options;
  }

  private void SetCommand(string[] words)
  {
    if (words is ["-"])
    {
      ReadCommandsFromStdin = true;
      return;
    }

    Command = string.Join(' ', words);
  }

  private void SetFile(string path, string[] arguments)
  {
    if (path == "-")
    {
      ReadCommandsFromStdin = true;
      return;
    }

    File = Path.GetFullPath(path);
    if (!System.IO.File.Exists(File))
    {
      throw new ArgumentException(
          $"The argument '{path}' is not recognized as the name of a script file. Check the spelling of the name, or if a path was included, verify that the path is correct and try again.");
    }

    AddFileArguments(arguments);
  }

  /// <summary><c>-Name value</c>, <c>-Name:value</c> and <c>-Switch:$false</c> bind by name; everything else stays the text it is.</summary>
  private void AddFileArguments(string[] arguments)
  {
    string? pending = null;
    foreach (var argument in arguments)
    {
      if (pending is not null)
      {
        FileArguments.Add(new CommandParameter(pending, argument));
        pending = null;
      }
      else if (argument.Length == 0 || argument[0] != '-')
      {
        FileArguments.Add(new CommandParameter(null, argument));
      }
      else if (argument.IndexOf(':', StringComparison.Ordinal) is var colon and >= 0)
      {
        var (name, value) = (argument[..colon], argument[(colon + 1)..]);
        if (value.Length == 0)
        {
          pending = name;
        }
        else
        {
          FileArguments.Add(new CommandParameter(name, SwitchValue(value) ?? (object)value));
        }
      }
      else
      {
        FileArguments.Add(new CommandParameter(argument));
      }
    }
  }

  private static bool? SwitchValue(string value) => value.ToUpperInvariant() switch
  {
    "TRUE" or "$TRUE" => true,
    "FALSE" or "$FALSE" => false,
    _ => null,
  };

  private static string? ParameterName(string argument)
  {
    if (!argument.StartsWith('-') || argument == "-")
    {
      return null;
    }

    var given = argument.TrimStart('-').ToLowerInvariant();
    foreach (var (name, shortest) in s_parameters)
    {
      if (name.StartsWith(given, StringComparison.Ordinal) && given.StartsWith(shortest, StringComparison.Ordinal))
      {
        return name;
      }
    }

    return null;
  }

  private static string Next(string[] args, ref int i)
  {
    i++;
    return i < args.Length
        ? args[i]
        : throw new ArgumentException($"Cannot process the command because of a missing parameter. A command must follow {args[i - 1]}.");
  }
}
