using System.Diagnostics;
using System.Text;
using TestKit;

namespace Gateway.Tests.Forwarding;

/// <summary>
/// A real Fluentd in a process of its own, where this machine has one: the command <c>fluentd</c>, or what <c>STREAMS_FLUENTD</c> names.
/// It runs a file of the folder <c>fluentd</c>, with folders and ports of the test's own put in the place of the file's.
/// </summary>
internal sealed class RealFluentd : IAsyncDisposable
{
    private readonly TempDirectory _folder = new();
    private readonly (string Name, string Value)[] _environment;
    private readonly StringBuilder _said = new();
    private Process? _process;

    private RealFluentd(int port, (string Name, string Value)[] environment) => (Port, _environment) = (port, environment);

    /// <summary>Why there is no Fluentd to test with; null where there is one.</summary>
    public static string? Missing => Program is null ? "no fluentd on the path, and no STREAMS_FLUENTD that names one" : null;

    private static string? Program { get; } = Environment.GetEnvironmentVariable("STREAMS_FLUENTD") is { Length: > 0 } given
        ? given
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "fluentd")).FirstOrDefault(File.Exists);

    public int Port { get; }

    /// <summary>What it has said so far.</summary>
    public string Said
    {
        get
        {
            lock (_said)
                return _said.ToString();
        }
    }

    /// <summary>Has Fluentd read a file and make every plugin of it, as it would at a start.</summary>
    /// <returns>How that ended, and what it said.</returns>
    public static async Task<(int ExitCode, string Said)> DryRunAsync(string file, CancellationToken limit)
    {
        using var process = Process.Start(Command(["--dry-run", "--config", file]))!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit), process.StandardError.ReadToEndAsync(limit));
        await process.WaitForExitAsync(limit);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Starts it on a file.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="edit">What is changed in the file beyond folders and ports.</param>
    /// <param name="environment">Variables that the file reads.</param>
    public static Task<RealFluentd> StartAsync(string file, Func<string, string>? edit = null, params (string Name, string Value)[] environment) =>
        StartAtAsync(UnusedPort.Take(), file, edit, environment);

    /// <summary>Starts it on a file, where the gateway knows its port already.</summary>
    public static async Task<RealFluentd> StartAtAsync(int port, string file, Func<string, string>? edit = null, params (string Name, string Value)[] environment)
    {
        var fluentd = new RealFluentd(port, environment);
        var text = File.ReadAllText(RepositoryFiles.Path("fluentd", file))
            .Replace("/fluentd/log/", $"{fluentd._folder.Path}/", StringComparison.Ordinal)
            .Replace("bind 0.0.0.0", "bind 127.0.0.1", StringComparison.Ordinal)
            .Replace("port 24224", $"port {fluentd.Port}", StringComparison.Ordinal)
            .Replace("port 24231", $"port {UnusedPort.Take()}", StringComparison.Ordinal);
        File.WriteAllText(fluentd._folder.Combine("fluent.conf"), edit is null ? text : edit(text));
        await fluentd.StartAgainAsync();
        return fluentd;
    }

    /// <summary>Starts it with what it had when it ended, and waits until it listens.</summary>
    public async Task StartAgainAsync()
    {
        lock (_said)
            _said.Clear();
        var start = Command(["--no-supervisor", "--config", _folder.Combine("fluent.conf")]);
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        _process?.Dispose();
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Hear(line.Data);
        _process.ErrorDataReceived += (_, line) => Hear(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!Said.Contains("fluentd worker is now running", StringComparison.Ordinal))
        {
            Assert.False(_process.HasExited, Said);
            await look.WaitForNextTickAsync(limit.Token);
        }
    }

    /// <summary>The end that a machine's failure makes: nothing is handed on.</summary>
    public async Task KillAsync(CancellationToken limit)
    {
        _process!.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync(limit);
    }

    /// <summary>Ends it as an operator would, so that it writes what it has.</summary>
    public async Task StopAsync(CancellationToken limit)
    {
        using var terminate = Process.Start("kill", ["-TERM", $"{_process!.Id}"]);
        await _process.WaitForExitAsync(limit);
    }

    /// <summary>The lines that it has written under a folder, of each of the folders in there.</summary>
    public IEnumerable<(string Folder, string Line)> Written(string folder) =>
        Directory.EnumerateFiles(_folder.Combine(folder), "*.log*", SearchOption.AllDirectories)
            .SelectMany(file => Lines(file).Select(line => (Path.GetFileName(Path.GetDirectoryName(file)!), line)));

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync(CancellationToken.None);
        _process?.Dispose();
        _folder.Dispose();
    }

    private static IEnumerable<string> Lines(string file)
    {
        using var reader = new StreamReader(
            file.EndsWith(".gz", StringComparison.Ordinal)
                ? new System.IO.Compression.GZipStream(File.OpenRead(file), System.IO.Compression.CompressionMode.Decompress)
                : File.OpenRead(file));
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private static ProcessStartInfo Command(string[] arguments)
    {
        var start = new ProcessStartInfo(Program!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["LANG"] = "C.UTF-8";
        return start;
    }

    private void Hear(string? line)
    {
        lock (_said)
            _said.AppendLine(line);
    }
}
