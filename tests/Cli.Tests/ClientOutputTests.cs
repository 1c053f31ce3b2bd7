using System.Text;
using Cli.Client;
using Google.Protobuf.WellKnownTypes;
using Streams.Contracts.V1;

namespace Cli.Tests;

public sealed class ClientOutputTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_record_for_programs_is_one_line_with_every_field()
    {
        var stored = new StoredLog { Id = "shop:1:7", Record = Record("two\nlines"), PageToken = "x" };

        var text = Written(output =>
        {
            using var json = new JsonLines(output);
            json.Write(stored);
            json.Write(stored);
        });

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.Equal(stored, StoredLog.Parser.ParseJson(lines[0]));
        Assert.Contains("\"nodeId\": \"shop\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"traceId\": \"\"", lines[0], StringComparison.Ordinal);
        Assert.Contains("\"sequence\": \"7\"", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_for_people_is_time_level_origin_and_message()
    {
        var text = Written(output =>
        {
            using var lines = new LogLines(output, colours: false);
            lines.Write(Record("out of tea"));
        });

        Assert.Equal("2026-01-31T12:00:00.000Z WARN  shop/till out of tea\n", text);
    }

    [Fact]
    public void A_log_line_cannot_steer_the_terminal_that_shows_it()
    {
        var text = Written(output =>
        {
            using var lines = new LogLines(output, colours: false);
            lines.Write(Record("\e]0;pwned\a\e[2J\r\n\u009bX é tab\there"));
        });

        Assert.EndsWith("␛]0;pwned␇␛[2J␍␊\ufffdX é tab\there\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.2, "0s")]
    [InlineData(42, "42s")]
    [InlineData(62, "1m2s")]
    [InlineData(3 * 3600 + 120, "3h2m")]
    [InlineData(50 * 3600, "2d2h")]
    public void Times_past_are_told_in_the_two_largest_units(double seconds, string expected) =>
        Assert.Equal(expected, NodesCommand.Ago(Noon.AddSeconds(-seconds).ToTimestamp(), Noon));

    [Theory]
    [InlineData(0, int.MaxValue, 0)]
    [InlineData(LogsCommand.PageRecords, int.MaxValue, LogsCommand.PageRecords)]
    [InlineData(2 * LogsCommand.PageRecords + 1, int.MaxValue, 2 * LogsCommand.PageRecords + 1)]
    [InlineData(2 * LogsCommand.PageRecords, LogsCommand.PageRecords + 3, LogsCommand.PageRecords + 3)]
    public async Task A_search_goes_on_page_after_page_until_all_or_the_limit_is_written(int stored, int limit, int expected)
    {
        var invoker = new PagedLogs(stored);

        using var output = new MemoryStream();
        await LogsCommand.WriteAsync(
            new LogQueries.LogQueriesClient(invoker), new SearchLogsRequest(), limit, OutputFormat.Json, output, CancellationToken.None);

        var ids = Encoding.UTF8.GetString(output.ToArray())
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => StoredLog.Parser.ParseJson(line).Id);
        Assert.Equal(Enumerable.Range(1, expected).Select(n => $"{n}"), ids);
    }

    private static LogRecord Record(string message) => new()
    {
        NodeId = "shop",
        Service = "till",
        Severity = Severity.Warn,
        Time = Noon.ToTimestamp(),
        Message = message,
        Position = new Position { Epoch = 1, Sequence = 7 },
    };

    private static string Written(Action<Stream> write)
    {
        using var output = new MemoryStream();
        write(output);
        return Encoding.UTF8.GetString(output.ToArray());
    }
}
