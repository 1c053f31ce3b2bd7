using System.Diagnostics;

namespace EndToEnd.Otlp;

/// <summary>The program in the folder <c>npm</c>, with OpenTelemetry's packages as its lock file names them.</summary>
internal sealed class NpmSender : IDisposable
{
    private readonly TestKit.TempDirectory _folder;

    private NpmSender(TestKit.TempDirectory folder) => _folder = folder;

    /// <summary>Installs the packages; skips the test where there is no Node, or its registry cannot be reached.</summary>
    public static async Task<NpmSender> InstallAsync()
    {
        Skip.IfNot(IsOnPath("node") && IsOnPath("npm"), "no node and npm on the path");
        var sender = new NpmSender(new());
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Otlp", "npm")))
            File.Copy(file, sender._folder.Combine(Path.GetFileName(file)));
        var (exitCode, said) = await sender.RunAsync("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline");
        if (exitCode == 0)
            return sender;

        sender.Dispose();
        Skip.If(true, $"npm cannot install OpenTelemetry's packages: {said}");
        throw new UnreachableException();
    }

    /// <summary>Sends so many records and waits until the exporter is through with them.</summary>
    public async Task SendAsync(string url, int count)
    {
        var (exitCode, said) = await RunAsync("node", "send.js", url, $"{count}");
        Assert.True(exitCode == 0, said);
    }

    public void Dispose() => _folder.Dispose();

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private async Task<(int ExitCode, string Said)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = _folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Eventually.Patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{program} {string.Join(' ', arguments)}' took more than {Eventually.Patience.TotalSeconds:0} s.");
        }

        return (process.ExitCode, $"{await output}{await errors}");
    }
}
