using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace PowerShellHost;

/// <summary>One runspace, from its profile to the exit code of the process.</summary>
internal sealed class Session : IDisposable
{
  private readonly Options _options;
  private readonly ConsoleHost _host;
  private readonly Runspace _runspace;
  private readonly Lock _running = new();
  private Pipeline? _pipeline;
  private bool _isPrompt;
  private Task _stopping = Task.CompletedTask;

  public Session(Options options)
  {
    _options = options;
    _host = new ConsoleHost(options.NonInteractive);
    var state = InitialSessionState.CreateDefault2();
    Cmdlets.AddTo(state);
    _runspace = RunspaceFactory.CreateRunspace(_host, state);
    _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
    _runspace.Open();
    Runspace.DefaultRunspace = _runspace;
  }

  public void Dispose() => _runspace.Dispose();

  /// <returns>the exit code of the process</returns>
  public int Run()
  {
    Console.CancelKeyPress += OnCtrlC;

    if (_options.WorkingDirectory is { } folder)
    {
      _runspace.SessionStateProxy.Path.SetLocation(WildcardPattern.Escape(Path.GetFullPath(folder)));
    }

    LoadProfiles();

    var completed = true;
    if (_options.File is { } file)
    {
      completed = RunFile(file);
    }
    else if (_options.Command is { Length: > 0 } command)
    {
      completed = Execute(_runspace.CreatePipeline(command, addToHistory: true), InputFor(command));
    }

    var oneCommand = _options.File is not null || _options.Command is not null;
    if (_host.ExitCode is null && (!oneCommand || _options.NoExit))
    {
      completed = true;
      ReadCommands();
    }

    return _host.ExitCode ?? (completed && LastSucceeded() ? 0 : 1);
  }

  private bool RunFile(string file)
  {
    // pwsh runs a file of any other name (a script with #!) as text, so it has no $PSScriptRoot.
    var command = file.EndsWith(".ps1", StringComparison.OrdinalIgnoreCase)
        ? new Command(file)
        : new Command(File.ReadAllText(file), isScript: true, useLocalScope: false);
    foreach (var argument in _options.FileArguments)
    {
      command.Parameters.Add(argument);
    }

    if (!_options.NoExit)
    {
      Engine.LetScriptsExit(_runspace);
    }

    var completed = Execute(_runspace.CreatePipeline(), command, InputFor(File.ReadAllText(file)));
    if (!completed && !_options.NoExit)
    {
      _host.ExitCode ??= 1;
    }

    return completed;
  }

  private void ReadCommands()
  {
    if (Console.IsInputRedirected || _options.ReadCommandsFromStdin)
    {
      ReadCommandsFromStdin();
      return;
    }

    var terminal = new Terminal();
    var editor = new LineEditor(terminal, Complete);
    while (_host.ExitCode is null)
    {
      // Some programs end without a newline; the prompt still begins its line.
      if (terminal.CursorColumn() > 0)
      {
        Console.Out.WriteLine();
      }

      var line = editor.ReadLine(Prompt());
      if (line is null)
      {
        return;
      }

      if (!string.IsNullOrWhiteSpace(line))
      {
        _ = Execute(_runspace.CreatePipeline(line, addToHistory: true));
      }
    }
  }

  /// <summary>As if typed: line by line, a block that needs more lines ending at an empty one.</summary>
  private void ReadCommandsFromStdin()
  {
    var block = "";
    while (_host.ExitCode is null)
    {
      var prompt = _options.ReadCommandsFromStdin ? "" : block.Length > 0 ? ">> " : Prompt();
      Console.Out.Write(prompt);
      var line = Console.In.ReadLine();
      if (!_options.ReadCommandsFromStdin)
      {
        Console.Out.WriteLine(line);
      }

      var blockEnds = string.IsNullOrWhiteSpace(line);
      if (line is null && block.Length == 0)
      {
        return;
      }

      var text = block.Length > 0 ? $"{block}\n{line}" : line ?? "";
      if (!blockEnds && (block.Length > 0 || IsIncomplete(text)))
      {
        block = text;
        continue;
      }

      block = "";
      if (!string.IsNullOrWhiteSpace(text))
      {
        _ = Execute(_runspace.CreatePipeline(text, addToHistory: true));
      }
    }
  }

  private static bool IsIncomplete(string text)
  {
    _ = Parser.ParseInput(text, out _, out var errors);
    return errors.Any(error => error.IncompleteInput);
  }

  /// <summary>What the function <c>prompt</c> returns. It runs as a pipeline of its own, and sees $? and $LASTEXITCODE of the last command.</summary>
  private string Prompt()
  {
    _isPrompt = true;
    try
    {
      return Invoke(_runspace.CreatePipeline("prompt")) is [{ } first, ..] && first.BaseObject.ToString() is { Length: > 0 } text
          ? text
          : "PS>";
    }
    catch (RuntimeException)
    {
      return "PS>";
    }
    finally
    {
      _isPrompt = false;
    }
  }

  private CommandCompletion Complete(string line, int cursor)
  {
    using var shell = PowerShell.Create(_runspace);
    return CommandCompletion.CompleteInput(line, cursor, null, shell);
  }

  private void LoadProfiles()
  {
    var configuration = OperatingSystem.IsWindows()
        ? Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.MyDocuments), "PowerShell")
        : Path.Join(ConfigHome(), "powershell");
    const string everyHost = "profile.ps1";
    const string thisHost = "Microsoft.PowerShell_profile.ps1";
    (string Name, string Path)[] profiles =
    [
        ("AllUsersAllHosts", Path.Join(Engine.Home, everyHost)),
            ("AllUsersCurrentHost", Path.Join(Engine.Home, thisHost)),
            ("CurrentUserAllHosts", Path.Join(configuration, everyHost)),
            ("CurrentUserCurrentHost", Path.Join(configuration, thisHost)),
        ];

    var variable = new PSObject(profiles[^1].Path);
    foreach (var (name, path) in profiles)
    {
      variable.Properties.Add(new PSNoteProperty(name, path));
    }

    _runspace.SessionStateProxy.SetVariable("PROFILE", variable);

    foreach (var (_, path) in profiles)
    {
      if (!_options.NoProfile && File.Exists(path))
      {
        _ = Execute(_runspace.CreatePipeline($". '{CodeGeneration.EscapeSingleQuotedStringContent(path)}'"));
      }
    }
  }

  private static string ConfigHome() =>
      Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } folder
          ? folder
          : Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config");

  /// <summary>Standard input belongs to the script only if the script reads <c>$input</c>; else to the programs it starts.</summary>
  private static List<string> InputFor(string script)
  {
    var lines = new List<string>();
    var tree = Parser.ParseInput(script, out _, out _);
    var readsInput = tree.Find(
        node => node is VariableExpressionAst { VariablePath.UserPath: var name } && name.Equals("input", StringComparison.OrdinalIgnoreCase),
        searchNestedScriptBlocks: false) is not null;
    while (readsInput && Console.IsInputRedirected && Console.In.ReadLine() is { } line)
    {
      lines.Add(line);
    }

    return lines;
  }

  private bool LastSucceeded() =>
      Invoke(_runspace.CreatePipeline("$global:?")) is [var succeeded, ..] && LanguagePrimitives.IsTrue(succeeded);

  private bool Execute(Pipeline pipeline, Command command, IEnumerable<string>? input = null)
  {
    pipeline.Commands.Add(command);
    return Execute(pipeline, input);
  }

  /// <summary>
  /// Runs with everything going to Out-Default, at the end of the same pipeline: only then does the engine let
  /// native commands write to the terminal themselves.
  /// </summary>
  /// <returns>false after an error that ended the pipeline, which has then been reported</returns>
  private bool Execute(Pipeline pipeline, IEnumerable<string>? input = null)
  {
    AddOutDefault(pipeline);
    try
    {
      _ = Invoke(pipeline, input);
      return true;
    }
    catch (PipelineStoppedException)
    {
      return false; // Ctrl-C: who pressed it knows
    }
    catch (Exception e)
    {
      Report(e);
      return false;
    }
  }

  private void Report(Exception exception)
  {
    // Its record has no position, which the error view of the engine does not expect: it would print nothing.
    if (exception is IncompleteParseException)
    {
      _host.UI.WriteErrorLine($"ParserError: {exception.Message}");
      return;
    }

    var record = exception is IContainsErrorRecord { ErrorRecord: { } own }
        ? own
        : new ErrorRecord(exception, "ConsoleHost.ReportException", ErrorCategory.NotSpecified, null);
    var error = PSObject.AsPSObject(record);
    Engine.MarkAsError(error);
    var pipeline = _runspace.CreatePipeline();
    AddOutDefault(pipeline);
    try
    {
      _ = Invoke(pipeline, new[] { error });
    }
    catch (Exception)
    {
      Console.Error.WriteLine(exception.Message);
    }
  }

  private static void AddOutDefault(Pipeline pipeline)
  {
    foreach (var command in pipeline.Commands)
    {
      command.MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
    }

    pipeline.Commands.Add(new Command("Out-Default", isScript: false, useLocalScope: true));
  }

  private Collection<PSObject> Invoke(Pipeline pipeline, System.Collections.IEnumerable? input = null)
  {
    lock (_running)
    {
      _pipeline = pipeline;
    }

    try
    {
      return pipeline.Invoke(input);
    }
    finally
    {
      lock (_running)
      {
        _pipeline = null;
      }

      _stopping.Wait();
      pipeline.Dispose();
    }
  }

  private void OnCtrlC(object? sender, ConsoleCancelEventArgs signal)
  {
    signal.Cancel = true;
    lock (_running)
    {
      if (_pipeline is { } pipeline && _stopping.IsCompleted)
      {
        // Not here: Stop() waits, and the next Ctrl-C must still be heard. The prompt gets a moment to end by
        // itself, or whoever leans on Ctrl-C sees it fail.
        var isPrompt = _isPrompt;
        _stopping = Task.Run(async () =>
        {
          await Task.Delay(isPrompt ? 100 : 0).ConfigureAwait(false);
          pipeline.Stop();
        });
      }
    }
  }
}
