namespace Streams.Oracle;

/// <summary>One topology with the options of one scenario: what it reads, how its outputs and stores are shown.</summary>
/// <param name="options">The scenario's options.</param>
/// <param name="onDisk">The stores where the scenario asks for RocksDB; null for stores in memory that expire and list as those do.</param>
internal sealed class Scene(ScenarioOptions options, StoreEngine? onDisk = null)
{
    private const long DefaultSize = 10_000;

    // A scenario's state is gone after it: it need not wait for a disk where the system has a folder in memory.
    private static readonly string StateDirectory = Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), "streams-oracle");

    private readonly OrderedDictionary<string, InputKind> _inputs = [];

    public ScenarioOptions Options => options;

    public StreamBuilder Builder { get; } = new();

    /// <summary>Set by a topology that is made without the DSL.</summary>
    public Topology? Made { get; set; }

    public StreamConfig Config { get; } = new() { ApplicationId = "oracle", StateDirectory = StateDirectory };

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

    public void SinkSession<TValue>(KStream<Windowed<string>, TValue> stream, string topic, ISerde<TValue> values)
    {
        Output(topic, Serdes.SessionWindowed(Serdes.String), values);
        stream.To(topic);
    }

    // ---- stores

    /// <summary>A table's store.</summary>
    public Materialized<string, TValue> KeyValue<TValue>(string name, ISerde<TValue> values)
    {
        Stores.AddKeyValue(name, d => d.GetTimestampedKeyValueStore<string, TValue>(name));
        return Cached(Materialized.As<string, TValue>(name).WithKeySerde(Serdes.String).WithValueSerde(values), retained: false);
    }

    /// <summary>A windowed aggregation's store.</summary>
    public Materialized<string, TValue> Window<TValue>(string name, ISerde<TValue> values)
    {
        Stores.AddWindow(name, d => d.GetTimestampedWindowStore<string, TValue>(name));
        return Cached(Materialized.As<string, TValue>(name).WithKeySerde(Serdes.String).WithValueSerde(values), retained: true);
    }

    /// <summary>A session aggregation's store.</summary>
    public Materialized<string, TValue> Session<TValue>(string name, ISerde<TValue> values)
    {
        Stores.AddSession(name, d => d.GetSessionStore<string, TValue>(name));
        return Cached(Materialized.As<string, TValue>(name).WithKeySerde(Serdes.String).WithValueSerde(values), retained: true);
    }

    /// <summary>A table with a store of that name; versioned where the option says how much history is kept.</summary>
    public KTable<string, string> Table(string topic, InputKind kind, string store)
    {
        Input(topic, kind);
        if (!options.Has("versioned"))
            return Builder.Table(topic, null, KeyValue(store, Serdes.String));

        options.On("caching", true);
        Stores.AddVersioned(store, d => d.GetVersionedKeyValueStore<string, string>(store));
        return Builder.Table(topic, null, Materialized.AsVersioned<string, string>(store, options.Ms("versioned", 0)));
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

    public SlidingWindows SlidingWindows() => Streams.SlidingWindows.OfTimeDifferenceAndGrace(Size, options.Ms("grace", 0));

    public SessionWindows SessionWindows() =>
        Streams.SessionWindows.OfInactivityGapAndGrace(options.Ms("gap", DefaultSize), options.Ms("grace", 0));

    public JoinWindows JoinWindows() =>
        Streams.JoinWindows.OfTimeDifferenceAndGrace(TimeSpan.Zero, options.Ms("grace", 2_000))
            .WithBefore(options.Ms("before", 5_000))
            .WithAfter(options.Ms("after", 5_000));

    public EmitStrategy Emit(string otherwise)
    {
        options.Default("emit", otherwise);
        return options.Choice("emit", "update", "close") == "close" ? EmitStrategy.OnWindowClose : EmitStrategy.OnWindowUpdate;
    }

    public void WriteLog(string line) => Log.Add($"log {line}");

    /// <summary>The topology, and the settings of every scenario.</summary>
    /// <exception cref="ScenarioException">An option is unknown or wrong.</exception>
    public Topology Build()
    {
        Config.DefaultStores = options.Choice("store", "rocksdb", "memory") == "memory"
            ? InMemoryStores.Default
            : onDisk ?? InMemoryStores.LikePersistent;
        options.Choice("format", "default", "headers");
        options.Choice("guarantee", "alo", "eos");
        Config.CacheBytesMax = options.Text("cache", "on") switch
        {
            "on" => 10 * 1024 * 1024, // Kafka Streams' default
            "off" => 0,
            var bytes => Words.Number(bytes),
        };
        if (options.Has("idle"))
            Config.TaskIdleMax = options.Ms("idle", 0);
        var optimization = options.Choice("optimize", "none", "all") == "all" ? TopologyOptimization.All : TopologyOptimization.None;
        return Made ?? Builder.Build(optimization);
    }

    private Materialized<string, TValue> Cached<TValue>(Materialized<string, TValue> store, bool retained)
    {
        if (retained && options.Has("retention"))
            store = store.WithRetention(options.Ms("retention", 0));
        return options.On("caching", true) ? store : store.WithCachingDisabled();
    }
}
