using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;

namespace PowerShellHost;

/// <summary><c>$Host</c>. Scripts ask for its name, so it has the one of pwsh.</summary>
internal sealed class ConsoleHost(bool nonInteractive) : PSHost
{
  public override string Name => "ConsoleHost";
  public override Version Version { get; } = Version.Parse(Engine.Version.Split('-')[0]);
  public override Guid InstanceId { get; } = Guid.NewGuid();
  public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;
  public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;
  public override PSHostUserInterface UI { get; } = new ConsoleUI(nonInteractive);

  /// <summary>The number given to <c>exit</c>, once somebody called it.</summary>
  public int? ExitCode { get; set; }

  public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

  public override void EnterNestedPrompt() => throw new PSNotImplementedException("This host has no nested prompts.");

  public override void ExitNestedPrompt() => throw new PSNotImplementedException("This host has no nested prompts.");

  public override void NotifyBeginApplication()
  {
    // Nothing to save before a native command: .NET gives it the terminal as it was.
  }

  public override void NotifyEndApplication()
  {
  }
}
