namespace PowerShellHost;

internal static class Program
{
  private static int Main(string[] args)
  {
    if (args is ["--parse", .. var files])
    {
      return SyntaxCheck.Run(files);
    }

    Options options;
    try
    {
      options = Options.Parse(args);
    }
    catch (Exception e) when (e is ArgumentException or FormatException)
    {
      Console.Error.WriteLine(e.Message);
      return Options.BadCommandLine;
    }

    if (options.ShowVersion)
    {
      Console.WriteLine($"PowerShell {Engine.Version}");
      return 0;
    }

    Engine.SwitchTelemetryOff();
    using var session = new Session(options);
    return session.Run();
  }
}
