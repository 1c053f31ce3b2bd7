using System.Diagnostics;
using TestKit;

namespace Broker.Tests.Server;

/// <summary>The broker as kcat sees it: librdkafka, in another process, unchanged.</summary>
public sealed class KcatTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private EmbeddedBroker _broker = null!;

    public async Task InitializeAsync() => _broker = await EmbeddedBroker.StartAsync();

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [SkippableTheory]
    [InlineData("none")]
    [InlineData("gzip")]
    [InlineData("snappy")]
    [InlineData("lz4")]
    [InlineData("zstd")]
    public async Task Records_come_back_as_they_went_in_whatever_the_codec(string codec)
    {
        var lines = Enumerable.Range(0, 2000).Select(i => $"line {i}").ToArray();

        await KcatAsync(lines, "-P", "-t", "t", "-z", codec, "-X", "enable.idempotence=true");
        var read = await KcatAsync([], "-C", "-t", "t", "-o", "beginning", "-e", "-q");

        Assert.Equal(lines, read);
        Assert.Equal(codec == "none", SizeOnDisk() > lines.Sum(line => line.Length));
    }

    [SkippableFact]
    public async Task Keys_headers_and_tombstones_come_back_too()
    {
        await KcatAsync(["k:v", "gone:"], "-P", "-t", "t", "-K:", "-Z", "-H", "h=1");

        var read = await KcatAsync([], "-C", "-t", "t", "-o", "beginning", "-e", "-q", "-f", "%o %k %s %S %h\\n");

        Assert.Equal(["0 k v 1 h=1", "1 gone  -1 h=1"], read);
    }

    [SkippableFact]
    public async Task A_group_reads_everything_once_and_goes_on_where_it_was()
    {
        await KcatAsync(["a", "b", "c"], "-P", "-t", "t");
        var first = await KcatAsync([], "-G", "g", "-X", "auto.offset.reset=earliest", "-c", "3", "-q", "t");
        await KcatAsync(["d"], "-P", "-t", "t");
        await _broker.KillAsync();
        await _broker.StartAgainAsync();

        var second = await KcatAsync([], "-G", "g", "-X", "auto.offset.reset=earliest", "-c", "1", "-q", "t");

        Assert.Equal(["a", "b", "c"], first);
        Assert.Equal(["d"], second);
    }

    [SkippableFact]
    public async Task The_cluster_is_listed_with_its_topics()
    {
        await KcatAsync(["a"], "-P", "-t", "t");

        var listed = string.Join('\n', await KcatAsync([], "-L"));

        Assert.Contains($"broker 1 at {_broker.BootstrapServers} (controller)", listed, StringComparison.Ordinal);
        Assert.Contains("topic \"t\" with 1 partitions", listed, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task An_offset_is_found_by_time()
    {
        await KcatAsync(["a"], "-P", "-t", "t");

        Assert.Equal(["t [0] offset 0"], await KcatAsync([], "-Q", "-t", "t:0:1"));
        Assert.Equal(["t [0] offset 1"], await KcatAsync([], "-Q", "-t", "t:0:-1"));
    }

    private long SizeOnDisk() =>
        Directory.GetFiles(_broker.DataDirectory, "*.log", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    private async Task<string[]> KcatAsync(string[] input, params string[] arguments)
    {
        Skip.IfNot(File.Exists("/usr/bin/kcat"), "kcat is not installed.");
        using var kcat = Process.Start(new ProcessStartInfo("/usr/bin/kcat", ["-b", _broker.BootstrapServers, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var output = kcat.StandardOutput.ReadToEndAsync();
            var errors = kcat.StandardError.ReadToEndAsync();
            await kcat.StandardInput.WriteAsync(string.Concat(input.Select(line => line + "\n")));
            kcat.StandardInput.Close();
            await kcat.WaitForExitAsync().WaitAsync(Patience);
            Assert.True(kcat.ExitCode == 0, await errors);
            return (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        finally
        {
            if (!kcat.HasExited)
                kcat.Kill();
        }
    }
}
