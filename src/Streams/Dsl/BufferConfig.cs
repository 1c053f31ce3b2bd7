namespace Streams;

/// <summary>How much may wait in a suppression's buffer, and what happens when it is full.</summary>
public abstract record BufferConfig
{
    private protected BufferConfig()
    {
    }

    /// <summary>How many keys may wait. Default without limit.</summary>
    public long RecordsMax { get; init; } = long.MaxValue;

    /// <summary>How many bytes of keys, values and where they came from may wait, counted as Kafka Streams counts. Default without limit.</summary>
    public long BytesMax { get; init; } = long.MaxValue;

    /// <summary>Whether the buffer has a changelog topic. Default true: without, what waits is gone when the task moves or restarts.</summary>
    public bool Logged { get; init; } = true;

    /// <summary>Kafka's topic settings for the changelog, by their own names, on top of the engine's.</summary>
    public IReadOnlyDictionary<string, string>? ChangelogSettings { get; init; }

    /// <summary>A buffer that takes all there is. Memory is the limit.</summary>
    public static StrictBufferConfig Unbounded() => new();

    /// <summary>A buffer of at most <paramref name="records"/> keys that emits the oldest early when full, unless told to shut down instead.</summary>
    public static EagerBufferConfig MaxRecords(long records) => new() { RecordsMax = records };

    /// <summary>A buffer of at most <paramref name="bytes"/> that emits the oldest early when full, unless told to shut down instead.</summary>
    public static EagerBufferConfig MaxBytes(long bytes) => new() { BytesMax = bytes };

    /// <summary>The same bounds, emitting the oldest early when full.</summary>
    public EagerBufferConfig EmitEarlyWhenFull() => new()
    {
        RecordsMax = RecordsMax, BytesMax = BytesMax, Logged = Logged, ChangelogSettings = ChangelogSettings,
    };

    /// <summary>The same bounds, failing when full: the task stops with an error that says so, and nothing is emitted early.</summary>
    public StrictBufferConfig ShutDownWhenFull() => new()
    {
        RecordsMax = RecordsMax, BytesMax = BytesMax, Logged = Logged, ChangelogSettings = ChangelogSettings,
    };

    /// <summary>Without bounds.</summary>
    public StrictBufferConfig WithNoBound() => new() { Logged = Logged, ChangelogSettings = ChangelogSettings };
}

/// <summary>A buffer that emits its oldest entries early when it is full.</summary>
public sealed record EagerBufferConfig : BufferConfig
{
    internal EagerBufferConfig()
    {
    }

    /// <summary>The same, for at most <paramref name="records"/> keys.</summary>
    public EagerBufferConfig WithMaxRecords(long records) => this with { RecordsMax = records };

    /// <summary>The same, for at most <paramref name="bytes"/>.</summary>
    public EagerBufferConfig WithMaxBytes(long bytes) => this with { BytesMax = bytes };

    /// <summary>The same without a changelog: what waits is gone when the task moves or restarts.</summary>
    public EagerBufferConfig WithLoggingDisabled() => this with { Logged = false };

    /// <summary>The same with settings for the changelog topic.</summary>
    public EagerBufferConfig WithLoggingEnabled(IReadOnlyDictionary<string, string> changelogSettings) =>
        this with { Logged = true, ChangelogSettings = changelogSettings };
}

/// <summary>A buffer that emits nothing early: unbounded, or failing when it is full.</summary>
public sealed record StrictBufferConfig : BufferConfig
{
    internal StrictBufferConfig()
    {
    }

    /// <summary>The same, failing above <paramref name="records"/> keys.</summary>
    public StrictBufferConfig WithMaxRecords(long records) => this with { RecordsMax = records };

    /// <summary>The same, failing above <paramref name="bytes"/>.</summary>
    public StrictBufferConfig WithMaxBytes(long bytes) => this with { BytesMax = bytes };

    /// <summary>The same without a changelog: what waits is gone when the task moves or restarts.</summary>
    public StrictBufferConfig WithLoggingDisabled() => this with { Logged = false };

    /// <summary>The same with settings for the changelog topic.</summary>
    public StrictBufferConfig WithLoggingEnabled(IReadOnlyDictionary<string, string> changelogSettings) =>
        this with { Logged = true, ChangelogSettings = changelogSettings };
}
