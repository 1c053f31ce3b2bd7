using System.Globalization;

namespace Streams.Tests.Conformance;

/// <summary>One topology of the oracle with the options of one scenario: what it reads, how its outputs and stores are shown.</summary>
internal sealed class Scene(IReadOnlyDictionary<string, string> options)
{
    public StreamBuilder Builder { get; } = new();

    /// <summary>Set by a topology that is made without the DSL.</summary>
    public Topology? Made { get; set; }

    public List<string> Log { get; } = [];

    public StreamConfig Config { get; } = new() { ApplicationId = "oracle" };

    public Dictionary<string, Func<CapturedView, string>> Outputs { get; } = [];

    public Dictionary<string, Func<TestKit.TopologyTestDriver, string[], IEnumerable<string>>> Stores { get; } = [];

    public HashSet<string> NumberInputs { get; } = [];

    public string Text(string name, string otherwise) => options.GetValueOrDefault(name, otherwise);

    public long Number(string name, long otherwise) => long.Parse(Text(name, $"{otherwise}"), CultureInfo.InvariantCulture);

    public TimeSpan Ms(string name, long otherwise) => TimeSpan.FromMilliseconds(Number(name, otherwise));

    public TimeWindows Windows(long? advance = null)
    {
        var size = Ms("size", 10_000);
        var step = Ms("advance", advance ?? (long)size.TotalMilliseconds);
        return step == size ? TumblingWindows.Of(size).WithGrace(Ms("grace", 0)) : HoppingWindows.Of(size, step).WithGrace(Ms("grace", 0));
    }

    public JoinWindows JoinWindows() =>
        Streams.JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.Zero, Ms("grace", 2000)).WithBefore(Ms("before", 5000)).WithAfter(Ms("after", 5000));

    public StreamJoined<string, string, string> StreamJoined() => Streams.StreamJoined.As<string, string, string>("join");

    public KStream<string, string> Stream(string topic) => Builder.Stream<string, string>(topic);

    public void Sink<TValue>(KStream<string, TValue> stream, string topic)
    {
        Output<TValue>(topic);
        stream.To(topic);
    }

    public void Output<TValue>(string topic) => Outputs[topic] = r => $"{r.Show(r.Key, Serdes.String)} {r.Show(r.Value, SerdeOf<TValue>())}";

    public void SinkWindowed<TValue>(KStream<Windowed<string>, TValue> stream, string topic)
    {
        var keys = Serdes.Windowed(Serdes.String, Ms("size", 10_000));
        Outputs[topic] = r => $"{r.Show(r.Key, keys)} {r.Show(r.Value, SerdeOf<TValue>())}";
        stream.To(topic);
    }

    public Materialized<string, TValue> Kv<TValue>(string name)
    {
        Stores[name] = (driver, words) => KeyValues(driver.GetTimestampedKeyValueStore<string, TValue>(name), words);
        return Materialized.As<string, TValue>(name);
    }

    public Materialized<string, TValue> Window<TValue>(string name)
    {
        Stores[name] = (driver, words) => InWindows(driver.GetTimestampedWindowStore<string, TValue>(name), words);
        var materialized = Materialized.As<string, TValue>(name);
        return options.ContainsKey("retention") ? materialized.WithRetention(Ms("retention", 0)) : materialized;
    }

    public StoreBuilder PlainKv<TValue>(string name)
    {
        Stores[name] = (driver, words) => KeyValues(driver.GetKeyValueStore<string, TValue>(name), words);
        return Streams.Stores.KeyValue(name, Serdes.String, SerdeOf<TValue>());
    }

    public void PlainWindow<TValue>(string name) =>
        Stores[name] = (driver, words) => InWindows(driver.GetWindowStore<string, TValue>(name), words);

    public static ISerde<T> SerdeOf<T>() => new SerdeRegistry().Find<T>(null, "", "", "");

    public static string Show(object? value) => value switch
    {
        null => "-",
        "" => "\"\"",
        Windowed<string> w => $"{Show(w.Key)}@{w.Window.StartMs}-{w.Window.EndMs}",
        ValueAndTimestamp<string> v => $"{Show(v.Value)} {v.Timestamp}",
        ValueAndTimestamp<long> v => $"{v.Value} {v.Timestamp}",
        ValueAndTimestamp<long?> v => $"{Show(v.Value)} {v.Timestamp}",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static IEnumerable<string> KeyValues<TValue>(IKeyValueStore<string, TValue> store, string[] words) => words[2] switch
    {
        "get" => [$"row {words[3]} {(store.TryGet(Word(words[3])!, out var value) ? Show(value) : "-")}"],
        "all" => store.All().Select(e => $"row {Show(e.Key)} {Show(e.Value)}"),
        "reverseAll" => store.ReverseAll().Select(e => $"row {Show(e.Key)} {Show(e.Value)}"),
        "range" => store.Range(Word(words[3]), Word(words[4])).Select(e => $"row {Show(e.Key)} {Show(e.Value)}"),
        "reverseRange" => store.ReverseRange(Word(words[3]), Word(words[4])).Select(e => $"row {Show(e.Key)} {Show(e.Value)}"),
        "count" => [$"row {store.Count}"],
        _ => throw new NotSupportedException(words[2]),
    };

    private static IEnumerable<string> InWindows<TValue>(IWindowStore<string, TValue> store, string[] words) => words[2] switch
    {
        "all" => store.All().Select(e => $"row {Show(e.Key)} {Show(e.Value)}"),
        "fetchAll" => store.FetchAll(Ms(words[3]), Ms(words[4])).Select(e => $"row {Show(e.Key)} {Show(e.Value)}"),
        "fetch" when words.Length == 5 => [$"row {words[4]} {(store.TryFetch(Word(words[3])!, Ms(words[4]), out var value) ? Show(value) : "-")}"],
        "fetch" => store.Fetch(Word(words[3])!, Ms(words[4]), Ms(words[5])).Select(e => $"row {e.Key} {Show(e.Value)}"),
        "backwardFetch" => store.Fetch(Word(words[3])!, Ms(words[4]), Ms(words[5])).Reverse().Select(e => $"row {e.Key} {Show(e.Value)}"),
        _ => throw new NotSupportedException(words[2]),
    };

    private static long Ms(string word) => long.Parse(word, CultureInfo.InvariantCulture);

    private static string? Word(string word) => word switch { "-" => null, "\"\"" => "", _ => word };
}

/// <summary>A produced record, for showing.</summary>
internal readonly record struct CapturedView(ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value)
{
    public string Show<T>(ReadOnlyMemory<byte>? bytes, ISerde<T> serde)
    {
        if (bytes is not { } present)
            return "-";

        try
        {
            return Scene.Show(serde.Deserialize(present.Span));
        }
        catch (FormatException)
        {
            return $"hex:{Convert.ToHexStringLower(present.Span)}";
        }
    }
}
