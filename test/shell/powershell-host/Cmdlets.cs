using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text;

namespace PowerShellHost;

/// <summary>
/// The few cmdlets of pwsh's Utility and Management modules that the language itself calls (a pipe into a native
/// command, <c>&gt;</c>) or that nobody can do without (<c>cd</c>). The modules are not to be had as packages.
/// </summary>
internal static class Cmdlets
{
  public static void AddTo(InitialSessionState state)
  {
    state.Commands.Add(new SessionStateCmdletEntry("Out-String", typeof(OutStringCommand), null));
    state.Commands.Add(new SessionStateCmdletEntry("Out-File", typeof(OutFileCommand), null));
    state.Commands.Add(new SessionStateCmdletEntry("Set-Location", typeof(SetLocationCommand), null));
  }

  /// <summary>The text of an object; pwsh would lay out what is not a string as a table or list.</summary>
  public static string TextOf(PSObject? value) => LanguagePrimitives.ConvertTo<string>(value);
}

/// <summary>Text of objects: one string, or with -Stream one an object.</summary>
[Cmdlet(VerbsData.Out, "String")]
[OutputType(typeof(string))]
public sealed class OutStringCommand : PSCmdlet
{
  private readonly StringBuilder _text = new();

  /// <summary>What to turn into text.</summary>
  [Parameter(ValueFromPipeline = true)]
  public PSObject? InputObject { get; set; }

  /// <summary>One string an object.</summary>
  [Parameter]
  public SwitchParameter Stream { get; set; }

  /// <summary>Ignored: nothing is wrapped.</summary>
  [Parameter]
  public int Width { get; set; }

  /// <inheritdoc/>
  protected override void ProcessRecord()
  {
    if (Stream)
    {
      WriteObject(Cmdlets.TextOf(InputObject));
    }
    else
    {
      _text.AppendLine(Cmdlets.TextOf(InputObject));
    }
  }

  /// <inheritdoc/>
  protected override void EndProcessing()
  {
    if (!Stream)
    {
      WriteObject(_text.ToString());
    }
  }
}

/// <summary>Writes the text of objects to a file; the operators &gt; and &gt;&gt; call it.</summary>
[Cmdlet(VerbsData.Out, "File")]
public sealed class OutFileCommand : PSCmdlet, IDisposable
{
  private StreamWriter? _file;

  /// <summary>The file.</summary>
  [Parameter(Mandatory = true, Position = 0)]
  [Alias("LiteralPath", "Path")]
  public string FilePath { get; set; } = "";

  /// <summary>Ignored: UTF-8 without byte order mark, as in pwsh.</summary>
  [Parameter(Position = 1)]
  public object? Encoding { get; set; }

  /// <summary>Keeps what the file holds.</summary>
  [Parameter]
  public SwitchParameter Append { get; set; }

  /// <summary>Ignored.</summary>
  [Parameter]
  public SwitchParameter Force { get; set; }

  /// <summary>What to write.</summary>
  [Parameter(ValueFromPipeline = true)]
  public PSObject? InputObject { get; set; }

  /// <inheritdoc/>
  protected override void BeginProcessing() =>
      _file = new StreamWriter(GetUnresolvedProviderPathFromPSPath(FilePath), Append);

  /// <inheritdoc/>
  protected override void ProcessRecord()
  {
    if (InputObject is not null)
    {
      _file?.WriteLine(Cmdlets.TextOf(InputObject));
    }
  }

  /// <inheritdoc/>
  public void Dispose() => _file?.Dispose();
}

/// <summary>Changes the current location, also under its alias <c>cd</c>.</summary>
[Cmdlet(VerbsCommon.Set, "Location")]
public sealed class SetLocationCommand : PSCmdlet
{
  /// <summary>Where to go; home if empty.</summary>
  [Parameter(Position = 0, ValueFromPipeline = true)]
  [Alias("LiteralPath")]
  public string Path { get; set; } = "";

  /// <inheritdoc/>
  protected override void ProcessRecord() =>
      SessionState.Path.SetLocation(Path.Length > 0 ? WildcardPattern.Escape(Path) : "~");
}
