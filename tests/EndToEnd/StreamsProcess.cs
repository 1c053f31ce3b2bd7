using System.Diagnostics;
using System.Text;

namespace EndToEnd;

/// <summary>The streams command in a process of its own, and everything it has said.</summary>
internal sealed class StreamsProcess : IDisposable
{
    private readonly Process _process;
    private readonly Lock _lock = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];

    private StreamsProcess(Process process) => _process = process;

    public int Id => _process.Id;

    public int ExitCode => _process.ExitCode;

    public bool HasExited => _process.HasExited;

    /// <summary>Lines of standard output so far.</summary>
    public IReadOnlyList<string> Output => Copy(_output);

    /// <summary>Lines of standard error so far.</summary>
    public IReadOnlyList<string> Errors => Copy(_errors);

    /// <summary>The command as this build made it: beside the tests, in the same configuration.</summary>
    public static string Program { get; } = Find();

    public static StreamsProcess Start(IEnumerable<string> arguments, string folder, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.ArgumentList.Add(Program);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;

        var process = new StreamsProcess(new Process { StartInfo = start });
        process._process.OutputDataReceived += (_, line) => process.Add(process._output, line.Data);
        process._process.ErrorDataReceived += (_, line) => process.Add(process._errors, line.Data);
        process._process.Start();
        process._process.BeginOutputReadLine();
        process._process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Waits for a line on standard output or standard error, and for it alone: an end before it is a failure.</summary>
    public async Task<string> SaysAsync(string text)
    {
        string? found = null;
        await Eventually.HoldsAsync(
            () =>
            {
                found = Output.Concat(Errors).FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal));
                if (found is null && _process.HasExited)
                    Assert.Fail($"It ended with {ExitCode} and did not say '{text}'.{Environment.NewLine}{this}");
                return Task.FromResult(found is not null);
            },
            $"it said '{text}'",
            ToString);
        return found!;
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitsAsync(TimeSpan? patience = null)
    {
        using var limit = new CancellationTokenSource(patience ?? Eventually.Patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"It should have ended by now.{Environment.NewLine}{this}");
        }

        return _process.ExitCode;
    }

    /// <summary>SIGKILL: no goodbye of any kind.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitsAsync();
    }

    /// <summary>A signal by its name, as the shell's <c>kill</c> takes it.</summary>
    public static void Signal(string signal, int process) => Process.Start("kill", [$"-{signal}", $"{process}"]).WaitForExit();

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    public override string ToString() => string.Join(Environment.NewLine, [.. Output.TakeLast(30), "--- errors", .. Errors.TakeLast(30)]);

    private static string Find()
    {
        // tests/EndToEnd/bin/Debug/net10.0
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        var root = framework.Parent!.Parent!.Parent!.Parent!.Parent!;
        var program = Path.Combine(root.FullName, "src", "Cli", "bin", framework.Parent.Name, framework.Name, "streams-cli.dll");
        return File.Exists(program) ? program : throw new FileNotFoundException("The command has not been built.", program);
    }

    private void Add(List<string> lines, string? line)
    {
        lock (_lock)
        {
            if (line is not null)
                lines.Add(line);
        }
    }

    private string[] Copy(List<string> lines)
    {
        lock (_lock)
            return [.. lines];
    }
}
