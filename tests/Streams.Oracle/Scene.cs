namespace Streams.Oracle;

/// <summary>One topology with the options of one scenario: what it reads, how its outputs and stores are shown.</summary>
internal sealed class Scene(ScenarioOptions options)
{
    private const long DefaultSize = 10_000;

    private readonly OrderedDictionary<string, InputKind> _inputs = [];

    public ScenarioOptions Options => options;

    public StreamBuilder Builder { get; } = new();

    /// <summary>Set by a topology that is made without the DSL.</summary>
    public Topology? Made { get; set; }

    public StreamConfig Config { get; } = new() { ApplicationId = "oracle" };

    /// <summary>What the topology's functions wrote since the last line.</summary>
    public List<string> Log { get; } = [];

    public IReadOnlyDictionary<string, InputKind> Inputs => _inputs;

    /// <summary>How a record of an output topic is shown: key, blank, value.</summary>
    public Dictionary<string, Func<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?, string>> Outputs { get; } = [];

    public SceneStores Stores { get; } = new();

    /// <summary>Whether time on the wall matters: a random scenario moves it then.</summary>
    public bool WatchesWallClock { get; set; }

    // ---- inputs

    public KStream<string, string> Stream(string topic, InputKind kind = InputKind.Text)
    {
        Input(topic, kind);
        return Builder.Stream<string, string>(topic);
    }

    public void Input(string topic, InputKind kind = InputKind.Text) => _inputs[topic] = kind;

    // ---- outputs

    public void Output<TKey, TValue>(string topic, ISerde<TKey> keys, ISerde<TValue> values) =>
        Outputs[topic] = (key, value) => $"{Shown.Decoded(keys, key)} {Shown.Decoded(values, value)}";

    public void Sink(KStream<string, string> stream, string topic)
    {
        Output(topic, Serdes.String, Serdes.String);
        stream.To(topic);
    }

    public void Sink(KStream<string, long> stream, string topic)
    {
        Output(topic, Serdes.String, Serdes.Int64);
        stream.To(topic);
    }

    public void Sink(KStream<string, long?> stream, string topic)
    {
        Output(topic, Serdes.String, Serdes.Int64);
        stream.To(topic);
    }

    public void SinkWindowed<TValue>(KStream<Windowed<string>, TValue> stream, string topic, ISerde<TValue> values, TimeSpan? size = null)
    {
        Output(topic, Serdes.Windowed(Serdes.String, size ?? Size), values);
        stream.To(topic);
    }

    // ---- stores

    /// <summary>A table's store.</summary>
    public Materialized<string, TValue> KeyValue<TValue>(string name, ISerde<TValue> values)
    {
        Stores.AddKeyValue(name, d => d.GetTimestampedKeyValueStore<string, TValue>(name));
        options.On("caching", true);
        return Materialized.As<string, TValue>(name).WithKeySerde(Serdes.String).WithValueSerde(values);
    }

    /// <summary>A windowed aggregation's store.</summary>
    public Materialized<string, TValue> Window<TValue>(string name, ISerde<TValue> values)
    {
        Stores.AddWindow(name, d => d.GetTimestampedWindowStore<string, TValue>(name));
        var store = Materialized.As<string, TValue>(name).WithKeySerde(Serdes.String).WithValueSerde(values);
        options.On("caching", true);
        return options.Has("retention") ? store.WithRetention(options.Ms("retention", 0)) : store;
    }

    /// <summary>A store of values alone, for a processor.</summary>
    public StoreBuilder PlainKeyValue<TValue>(string name, ISerde<TValue> values)
    {
        Stores.AddKeyValue(name, d => d.GetKeyValueStore<string, TValue>(name));
        return Streams.Stores.KeyValue(name, Serdes.String, values);
    }

    // ---- windows

    public TimeSpan Size => options.Ms("size", DefaultSize);

    public TimeWindows TimeWindows()
    {
        var grace = options.Ms("grace", 0);
        return options.Has("advance")
            ? HoppingWindows.Of(Size, options.Ms("advance", DefaultSize)).WithGrace(grace)
            : TumblingWindows.Of(Size).WithGrace(grace);
    }

    public void WriteLog(string line) => Log.Add($"log {line}");

    /// <summary>The topology, and the settings of every scenario.</summary>
    /// <exception cref="ScenarioException">An option is unknown or wrong.</exception>
    public Topology Build()
    {
        options.Choice("store", "rocksdb", "memory");
        options.Choice("optimize", "none", "all");
        options.Choice("format", "default", "headers");
        options.Choice("guarantee", "alo", "eos");
        options.Text("cache", "on");
        if (options.Has("idle"))
            Config.TaskIdleMax = options.Ms("idle", 0);
        var topology = Made ?? Builder.Build();
        return topology;
    }
}
