using System.Globalization;
using Streams.TestKit;

namespace Streams.Tests.Tables;

/// <summary>A topology of tables of text, without a record cache: each record shows what it causes.</summary>
internal sealed class TableScene : IDisposable
{
    private readonly TopologyTestDriver _driver;
    private readonly TestOutputTopic<string, string> _output;

    private TableScene(Topology topology)
    {
        Topology = topology;
        _driver = new(topology, new() { ApplicationId = "test", CacheBytesMax = 0 });
        _output = _driver.CreateOutputTopic<string, string>("out");
    }

    public Topology Topology { get; }

    public TopologyTestDriver Driver => _driver;

    /// <summary>A scene whose result goes to <c>out</c>.</summary>
    public static TableScene Of(Func<StreamBuilder, KTable<string, string>> declare) =>
        OfStream(builder => declare(builder).ToStream());

    /// <summary>A scene whose counts go to <c>out</c> as text.</summary>
    public static TableScene OfCounts(Func<StreamBuilder, KTable<string, long>> declare) =>
        OfStream(builder => declare(builder).ToStream().MapValues(count => count.ToString(CultureInfo.InvariantCulture)));

    public void Dispose() => _driver.Dispose();

    /// <summary>Pipes a record; null deletes. Returns what came out, each as <c>key value@time</c>, with <c>-</c> for no value.</summary>
    public string[] Pipe(string topic, string key, string? value, long at)
    {
        _driver.CreateInputTopic<string, string>(topic).PipeInput(key, value!, at);
        return [.. _output.ReadRecordsToList().Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key} {r.Value ?? "-"}@{r.Timestamp}"))];
    }

    private static TableScene OfStream(Func<StreamBuilder, KStream<string, string>> declare)
    {
        var builder = new StreamBuilder();
        declare(builder).To("out");
        return new(builder.Build());
    }
}
