using System.Globalization;
using Streams.TestKit;

namespace Streams.Tests.Joins;

/// <summary>
/// A join of the topics <c>left</c> and <c>right</c>, all text, without a record cache. Each call pipes a record and returns what it caused, each
/// as <c>key left+right@time</c>, with <c>-</c> for what is not there.
/// </summary>
internal sealed class JoinScene : IDisposable
{
    private readonly TestInputTopic<string, string> _left;
    private readonly TestInputTopic<string, string> _right;
    private readonly TestOutputTopic<string, string> _output;

    private JoinScene(Topology topology, StoreEngine? stores)
    {
        Driver = new(topology, new() { ApplicationId = "test", CacheBytesMax = 0, DefaultStores = stores ?? InMemoryStores.Default });
        _left = Driver.CreateInputTopic<string, string>("left");
        _right = Driver.CreateInputTopic<string, string>("right");
        _output = Driver.CreateOutputTopic<string, string>("out");
    }

    public TopologyTestDriver Driver { get; }

    public static JoinScene OfStreams(
        Func<KStream<string, string>, KStream<string, string>, KStream<string, string>> join, StoreEngine? stores = null) =>
        Of(b => join(b.Stream<string, string>("left"), b.Stream<string, string>("right")), stores);

    public static JoinScene OfStreamAndTable(
        Func<KStream<string, string>, KTable<string, string>, KStream<string, string>> join, Materialized<string, string>? table = null) =>
        Of(b => join(b.Stream<string, string>("left"), b.Table("right", materialized: table)));

    public static JoinScene OfTables(Func<KTable<string, string>, KTable<string, string>, KTable<string, string>> join) =>
        Of(b => join(b.Table<string, string>("left"), b.Table<string, string>("right")).ToStream());

    public string[] Left(string? key, string? value, long at) => Pipe(_left, key, value, at);

    public string[] Right(string? key, string? value, long at) => Pipe(_right, key, value, at);

    /// <summary>What goes out, as records.</summary>
    public IReadOnlyList<Record<string, string>> LeftRecords(string? key, string? value, long at)
    {
        Send(_left, key, value, at);
        return _output.ReadRecordsToList();
    }

    public IReadOnlyList<Record<string, string>> RightRecords(string? key, string? value, long at)
    {
        Send(_right, key, value, at);
        return _output.ReadRecordsToList();
    }

    public void Dispose() => Driver.Dispose();

    /// <summary>The joiner of all scenes.</summary>
    public static string Pair(string? left, string? right) => $"{left ?? "-"}+{right ?? "-"}";

    private static JoinScene Of(Func<StreamBuilder, KStream<string, string>> declare, StoreEngine? stores = null)
    {
        var builder = new StreamBuilder();
        declare(builder).To("out");
        return new(builder.Build(), stores);
    }

    private static void Send(TestInputTopic<string, string> topic, string? key, string? value, long at) =>
        topic.PipeInput(new TestRecord<string, string>(key!, value!, DateTimeOffset.FromUnixTimeMilliseconds(at)));

    private string[] Pipe(TestInputTopic<string, string> topic, string? key, string? value, long at)
    {
        Send(topic, key, value, at);
        return [.. _output.ReadRecordsToList().Select(Show)];
    }

    private static string Show(Record<string, string> record) =>
        string.Create(CultureInfo.InvariantCulture, $"{record.Key ?? "-"} {record.Value ?? "-"}@{record.Timestamp}");
}
