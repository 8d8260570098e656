using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace PowerShellHost;

/// <summary>What the engine keeps to itself and pwsh, being a friend assembly, may touch.</summary>
internal static class Engine
{
  private static readonly Assembly s_engine = typeof(PSObject).Assembly;

  /// <summary>The version of the engine, which is the version pwsh shows.</summary>
  public static string Version { get; } =
      s_engine.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split([' ', '+'])[0];

  public static string Home { get; } = Path.GetDirectoryName(s_engine.Location)!;

  /// <summary>The engine reports its use over the network unless this variable is set when it first looks; scripts should not see the variable.</summary>
  public static void SwitchTelemetryOff()
  {
    const string optOut = "POWERSHELL_TELEMETRY_OPTOUT";
    var before = Environment.GetEnvironmentVariable(optOut);
    Environment.SetEnvironmentVariable(optOut, "1");
    var telemetry = s_engine.GetType("Microsoft.PowerShell.Telemetry.ApplicationInsightsTelemetry", throwOnError: true)!;
    System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(telemetry.TypeHandle);
    Environment.SetEnvironmentVariable(optOut, before);
  }

  /// <summary>Makes <c>exit N</c> in the script of <c>-File</c> end the host; otherwise it only sets $LASTEXITCODE.</summary>
  public static void LetScriptsExit(Runspace runspace)
  {
    var context = Property(runspace.GetType(), "ExecutionContext").GetValue(runspace)!;
    Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
  }

  /// <summary>Makes Out-Default write an object to the error stream of the host.</summary>
  public static void MarkAsError(PSObject record)
  {
    var stream = Property(typeof(PSObject), "WriteStream");
    stream.SetValue(record, Enum.Parse(stream.PropertyType, "Error"));
  }

  private static PropertyInfo Property(Type type, string name) =>
      type.GetProperty(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
      ?? throw new MissingMemberException(type.FullName, name);
}
