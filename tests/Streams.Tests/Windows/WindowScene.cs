using System.Globalization;
using Streams.TestKit;

namespace Streams.Tests.Windows;

/// <summary>
/// A windowed table over one topic, without a cache: records go in, and each call returns every update that came out of it, as
/// <c>key@start-end value time</c>.
/// </summary>
internal sealed class WindowScene<TValue> : IDisposable
{
    private readonly TopologyTestDriver _driver;
    private readonly TestInputTopic<string, string> _input;
    private readonly TestOutputTopic<Windowed<string>, TValue> _output;

    /// <param name="table">Makes the table of the stream.</param>
    /// <param name="keys">How windowed keys are written.</param>
    /// <param name="configure">Other settings; null for the engine's own.</param>
    public WindowScene(
        Func<KStream<string, string>, KTable<Windowed<string>, TValue>> table, ISerde<Windowed<string>> keys, Action<StreamConfig>? configure = null)
    {
        var builder = new StreamBuilder();
        table(builder.Stream<string, string>("in")).ToStream().To("out");
        var config = new StreamConfig { ApplicationId = "test", CacheBytesMax = 0 };
        configure?.Invoke(config);
        _driver = new(builder.Build(), config);
        _input = _driver.CreateInputTopic<string, string>("in");
        _output = _driver.CreateOutputTopic<Windowed<string>, TValue>("out", keys);
    }

    public TopologyTestDriver Driver => _driver;

    public long Dropped => _driver.DroppedRecords;

    /// <summary>Takes one record; returns what it caused.</summary>
    public string[] In(string key, string? value, long at)
    {
        _input.PipeInput(key, value!, at);
        return [.. _output.ReadRecordsToList().Select(Show)];
    }

    public void Dispose() => _driver.Dispose();

    private static string Show(Record<Windowed<string>, TValue> record)
    {
        var value = record.HasValue ? Convert.ToString(record.Value, CultureInfo.InvariantCulture) : "-";
        return $"{record.Key.Key}@{record.Key.Window.StartMs}-{record.Key.Window.EndMs} {value} {record.Timestamp}";
    }
}

/// <summary>Small times and the keys' formats, for tests of windows.</summary>
internal static class Ticks
{
    public static TimeSpan Ms(long milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static ISerde<Windowed<string>> TimeKeys(long size) => Serdes.Windowed(Serdes.String, Ms(size));

    public static ISerde<Windowed<string>> SessionKeys { get; } = Serdes.SessionWindowed(Serdes.String);
}
