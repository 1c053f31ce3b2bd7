using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Settings;

namespace Cli.Up;

/// <summary>A sample service in a process of its own, so that killing it is as real as a node's death.</summary>
/// <remarks>
/// Its standard input is a pipe that this process holds: when the pipe closes, because this process stopped or was killed, the
/// service ends by itself. (Linux' death signal would follow the thread that started it, and .NET's threads come and go.)
/// </remarks>
internal sealed partial class SampleProcess : IDisposable
{
    private readonly Process _process;
    private readonly ILogger _logger;
    private volatile bool _isStopping;

    private SampleProcess(string name, string command, Process process, ILogger logger)
    {
        Name = name;
        Command = command;
        _process = process;
        _logger = logger;
    }

    public string Name { get; }

    /// <summary>What to type to start it again.</summary>
    public string Command { get; }

    public static SampleProcess Start(string name, UpPlan plan, ILoggerFactory loggers, Action<SampleProcess, int> onDied)
    {
        string[] arguments =
        [
            "service", name,
            "--gateway", plan.GatewayAddress.ToString().TrimEnd('/'),
            "--data", Path.Combine(plan.Data, "services", name),
            "--node", name,
            "--set", $"agent.heartbeatInterval={DurationText.Format(plan.Settings.Agent.HeartbeatInterval)}",
        ];
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Settings in the environment are for this process: a service that tailed the same files would ship every line twice.
        foreach (var setting in start.Environment.Keys.Where(key => key.StartsWith(SettingsSources.EnvironmentPrefix, StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(setting);
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet")
            start.ArgumentList.Add(typeof(SampleProcess).Assembly.Location);
        foreach (var argument in arguments.Append(ServiceCommand.StopWithParentFlag))
            start.ArgumentList.Add(argument);

        var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var sample = new SampleProcess(name, $"./streams {string.Join(' ', arguments)}", process, loggers.CreateLogger($"service.{name}"));
        process.OutputDataReceived += (_, line) => sample.Log(line.Data);
        process.ErrorDataReceived += (_, line) => sample.Log(line.Data);
        process.Exited += (_, _) =>
        {
            if (!sample._isStopping)
                onDied(sample, process.ExitCode);
        };
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return sample;
    }

    /// <summary>Asks it to end, and ends it when it has not by the limit.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        _isStopping = true;
        try
        {
            _process.StandardInput.Close();
            await _process.WaitForExitAsync(limit);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }
    }

    public void Dispose() => _process.Dispose();

    private void Log(string? line)
    {
        if (line is not null)
            ServiceSaid(line);
    }

    [LoggerMessage(1, LogLevel.Information, "{Line}")]
    private partial void ServiceSaid(string line);
}
