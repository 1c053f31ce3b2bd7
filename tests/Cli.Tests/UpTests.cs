using System.Net;
using System.Net.Sockets;
using Cli.Logging;
using Cli.Up;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Settings;
using Streams.Contracts.V1;

namespace Cli.Tests;

public sealed class UpTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("up-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_data_folder_serves_one_system_at_a_time_and_the_next_after_it()
    {
        using (DataFolderLock.Take(_folder.FullName))
        {
            var refused = Assert.Throws<SetupException>(() => DataFolderLock.Take(_folder.FullName));
            Assert.Contains("another 'streams up' is using the data folder", refused.Message, StringComparison.Ordinal);
        }

        DataFolderLock.Take(_folder.FullName).Dispose();
    }

    [Fact]
    public void Every_taken_port_is_named_with_its_part()
    {
        using var first = Taken(out var firstPort);
        using var second = Taken(out var secondPort);

        var fault = Assert.Throws<SetupException>(() => Preflight.CheckPorts(
            [new("gateway", "127.0.0.1", firstPort), new("monitor", "127.0.0.1", secondPort), new("broker", "127.0.0.1", 0)]));

        Assert.StartsWith($"ports {firstPort} (gateway), {secondPort} (monitor) are taken", fault.Message, StringComparison.Ordinal);
        Assert.Contains("--port-offset", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_place_of_the_data_folder_is_told()
    {
        var file = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(file, "");

        var fault = Assert.Throws<SetupException>(() => Preflight.CheckFolder(Path.Combine(file, "data")));

        Assert.StartsWith("cannot write to the data folder", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_file_rolls_and_never_grows_past_its_bound()
    {
        var path = Path.Combine(_folder.FullName, "logs", "streams.log");
        for (var start = 0; start < 10; start++)
        {
            await using var log = new LogFile(path, bytesMax: 1_000, olderFilesMax: 2);
            for (var i = 0; i < 20; i++)
                log.Write($"start {start} line {i} {new string('x', 80)}");
        }

        var files = new DirectoryInfo(Path.GetDirectoryName(path)!).GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal);
        Assert.Equal(["streams.1.log", "streams.2.log", "streams.log"], files);
        var older = await File.ReadAllLinesAsync(Path.Combine(_folder.FullName, "logs", "streams.1.log"));
        Assert.StartsWith("start 9 line 19", older[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_warning_is_one_line_and_only_an_error_brings_its_trace()
    {
        var lines = new List<string>();
        using var provider = new LineLoggerProvider(
            LogLevel.Warning, new FakeTimeProvider(DateTimeOffset.UnixEpoch), (_, line) => lines.Add(line));
        var logger = provider.CreateLogger("Broker.Log");
        var fault = Assert.Throws<IOException>((Action)(() => throw new IOException("disk\nfull")));

        logger.LogInformation("not shown");
        logger.LogWarning(fault, "Cannot write {File}.", "a.log");
        logger.LogError(fault, "Gave up.");

        Assert.Equal("1970-01-01T00:00:00.000Z WARN  Broker.Log: Cannot write a.log. (IOException: disk full)", lines[0]);
        Assert.Contains("   at ", lines[1], StringComparison.Ordinal);
        Assert.Equal(2, lines.Count);
    }

    [Fact]
    public void A_flood_of_notices_is_cut_and_counted()
    {
        var time = new FakeTimeProvider();
        using var printed = new StringWriter();
        var notices = new Notices(time, printed);

        for (var i = 0; i < 1_000; i++)
            notices.AddLogLine(LogLevel.Warning, $"notice {i}\n   at Somewhere");
        time.Advance(TimeSpan.FromSeconds(11));
        notices.Add("after");

        var lines = printed.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(22, lines.Length);
        Assert.Equal("… and 980 more such lines; the log has them.", lines[20]);
        Assert.Equal("after", lines[21]);
        Assert.DoesNotContain(lines, line => line.Contains(" at ", StringComparison.Ordinal));
        Assert.Equal(50, notices.Recent.Count);
    }

    [Fact]
    public void The_status_says_what_is_not_known_yet()
    {
        var unknown = new SystemStatus(0, 0, 0, 0, 0, Nodes: null);
        var known = unknown with { Nodes = new Dictionary<NodeState, int> { [NodeState.Down] = 1, [NodeState.Up] = 3 } };

        Assert.Contains("the monitor does not answer yet", unknown.ToString(), StringComparison.Ordinal);
        Assert.Contains("nodes: 3 up, 1 down", known.ToString(), StringComparison.Ordinal);
    }

    private static Socket Taken(out int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }
}
