using Kafka;
using Microsoft.Extensions.Logging.Abstractions;

namespace Streams.RocksDb.Tests.Runtime;

/// <summary>Counts on RocksDB for ever: its test kills it. The tests run the same application in their own process, too.</summary>
internal static class CountProgram
{
    public const string Name = "count";

    // State goes to disk soon, so that there is some when the process dies.
    public static RocksDbOptions Options { get; } = new() { MemoryBytes = 16 << 20, Tasks = 2, FlushInterval = TimeSpan.FromMilliseconds(100) };

    /// <summary>Two stores: how often each key came, in all and by ten seconds. What came in all goes out.</summary>
    /// <param name="input">Where the keys come from.</param>
    /// <param name="output">Where the counts go.</param>
    /// <param name="seen">Called for each record before it is counted.</param>
    public static Topology Topology(string input, string output, Action? seen = null)
    {
        var builder = new StreamBuilder();
        var keyed = builder.Stream<string, string>(input).Peek((_, _) => seen?.Invoke()).GroupByKey();
        keyed.Count(Materialized.As<string, long>("counts")).ToStream().To(output);
        keyed.WindowedBy(TumblingWindows.Of(TimeSpan.FromSeconds(10))).Count(Materialized.As<string, long>("windows"));
        return builder.Build();
    }

    public static void Run(string bootstrap, string application, string input, string output, string directory)
    {
        using var stores = new RocksDbStores(Options);
        var client = new ConfluentLogClient(new KafkaSettings { BootstrapServers = bootstrap }, NullLoggerFactory.Instance);
        var config = new StreamConfig
        {
            ApplicationId = application,
            StateDirectory = directory,
            DefaultStores = stores,
            CommitInterval = TimeSpan.FromMilliseconds(100),
            CacheBytesMax = 0,
        };
        config.Consumer.SessionTimeout = TimeSpan.FromSeconds(6);
        using var stream = new Started(new KafkaStream(Topology(input, output), config, client, NullLoggerFactory.Instance, TimeProvider.System));
        Thread.Sleep(Timeout.Infinite);
    }

    private sealed class Started : IDisposable
    {
        private readonly KafkaStream _stream;

        public Started(KafkaStream stream)
        {
            _stream = stream;
            _stream.StartAsync().GetAwaiter().GetResult();
        }

        public void Dispose() => _stream.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
