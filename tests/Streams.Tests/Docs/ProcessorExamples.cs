using Streams.RocksDb;
using Streams.TestKit;

namespace Streams.Tests.Docs;

/// <summary>docs/engine.md: processors of one's own, and stores.</summary>
public sealed class ProcessorExamples
{
    #region processor
    /// <summary>Forwards a word about each key that was quiet for a minute.</summary>
    private sealed class Quiet : Processor<string, string, string, string>
    {
        private IKeyValueStore<string, long> _lastSeen = null!;

        public override void Init()
        {
            _lastSeen = Context.GetStateStore<IKeyValueStore<string, long>>("last-seen");
            Context.Schedule(TimeSpan.FromSeconds(10), PunctuationType.WallClockTime, Look);
        }

        public override void Process(in Record<string, string> record)
        {
            _lastSeen.Put(record.Key, Context.WallClockTime.ToUnixTimeMilliseconds());
            Context.Forward(in record);
        }

        private void Look(long now)
        {
            foreach (var (key, seen) in _lastSeen.All().ToList())
            {
                if (now - seen < 60_000)
                    continue;

                _lastSeen.Delete(key);
                Context.Forward(new Record<string, string>(key, "quiet for a minute", now));
            }
        }
    }
    #endregion

    #region fixed key
    private sealed class WithOffset : FixedKeyProcessor<string, string, string>
    {
        public override void Process(in FixedKeyRecord<string, string> record) =>
            Context.Forward(record.WithValue($"{record.Value} ({Context.RecordMetadata?.Offset})"));
    }
    #endregion

    #region global processors
    private sealed class KeepRates : Processor<string, double>
    {
        public override void Process(in Record<string, double> record) =>
            Context.GetStateStore<IKeyValueStore<string, double>>("rates").Put(record.Key, record.Value);
    }

    private sealed class Convert : FixedKeyProcessor<string, double, double>
    {
        public override void Process(in FixedKeyRecord<string, double> record)
        {
            var rate = Context.GetStateStore<IReadOnlyKeyValueStore<string, double>>("rates").Get("CHF");
            Context.Forward(record.WithValue(record.Value * rate));
        }
    }
    #endregion

    [Fact]
    public void A_store_that_every_instance_has()
    {
        #region global store
        var builder = new StreamBuilder();
        builder.AddGlobalStore(Stores.KeyValue("rates", Serdes.String, Serdes.Double), "exchange-rates", () => new KeepRates());
        builder.Stream<string, double>("prices").ProcessValues(() => new Convert()).To("prices-in-francs");
        #endregion

        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, double>("exchange-rates").PipeInput("CHF", 0.5);
        driver.CreateInputTopic<string, double>("prices").PipeInput("tea", 3);
        Assert.Equal(1.5, driver.CreateOutputTopic<string, double>("prices-in-francs").ReadValue());
    }

    [Fact]
    public void A_processor_in_a_stream()
    {
        #region process
        var builder = new StreamBuilder();
        builder.AddStateStore(Stores.KeyValue("last-seen", Serdes.String, Serdes.Int64));
        builder.Stream<string, string>("pings")
            .ProcessValues(() => new WithOffset())
            .Process(() => new Quiet(), named: "quiet", stores: ["last-seen"])
            .To("news");
        #endregion

        using var driver = new TopologyTestDriver(builder.Build());
        driver.CreateInputTopic<string, string>("pings").PipeInput("node", "ping");
        driver.AdvanceWallClockTime(TimeSpan.FromMinutes(1));
        Assert.Equal(["ping (0)", "quiet for a minute"], driver.CreateOutputTopic<string, string>("news").ReadValuesToList());
    }

    [Fact]
    public void A_topology_of_nodes()
    {
        #region topology
        var topology = new Topology()
            .AddSource("pings", Serdes.String, Serdes.String, "pings")
            .AddProcessor("quiet", () => new Quiet(), "pings")
            .AddStateStore(Stores.KeyValue("last-seen", Serdes.String, Serdes.Int64), "quiet")
            .AddSink("news", "news", Serdes.String, Serdes.String, "quiet");
        #endregion

        using var driver = new TopologyTestDriver(topology);
        driver.CreateInputTopic<string, string>("pings").PipeInput("node", "ping");
        Assert.Equal("ping", driver.CreateOutputTopic<string, string>("news").ReadValue());
    }

    [Fact]
    public void A_store_is_queried()
    {
        #region stores
        StoreBuilder plain = Stores.KeyValue("last-seen", Serdes.String, Serdes.Int64);
        StoreBuilder timed = Stores.TimestampedKeyValue("prices", Serdes.String, Serdes.Double);
        StoreBuilder recent = Stores.Window(
            "recent", Serdes.String, Serdes.Int64, retention: TimeSpan.FromHours(1), windowSize: TimeSpan.FromMinutes(5));
        StoreBuilder visits = Stores.Session("visits", Serdes.String, Serdes.Int64, retention: TimeSpan.FromHours(1));
        StoreBuilder history = Stores.Versioned("history", Serdes.String, Serdes.Double, historyRetention: TimeSpan.FromDays(1));

        StoreBuilder local = plain.WithCachingEnabled().WithLoggingDisabled();
        #endregion

        Assert.Equal(
            ["prices", "recent", "visits", "history", "last-seen"],
            [timed.Name, recent.Name, visits.Name, history.Name, local.Name]);
    }

    [SkippableFact]
    public void Stores_on_disk()
    {
        RocksDbStores? found = null;
        try
        {
            found = new RocksDbStores();
        }
        catch (RocksDbMissingException missing)
        {
            Skip.If(true, missing.Message);
        }

        found!.Dispose();
        var folder = Directory.CreateTempSubdirectory("streams-docs-").FullName;
        try
        {
            #region rocksdb
            using var onDisk = new RocksDbStores(new RocksDbOptions { MemoryBytes = 512 << 20 });
            var config = new StreamConfig
            {
                ApplicationId = "shop",
                DefaultStores = onDisk,
                StateDirectory = folder,
            };

            // One table in memory all the same.
            var builder = new StreamBuilder();
            builder.Table("rates", materialized: Materialized.As<string, double>("rates").WithStores(InMemoryStores.Default));
            builder.Stream<string, string>("orders").GroupByKey().Count(Materialized.As<string, long>("order-counts"));
            #endregion

            using var driver = new TopologyTestDriver(builder.Build(), config);
            driver.CreateInputTopic<string, string>("orders").PipeInput("ann", "tea");
            Assert.Equal(1, driver.GetTimestampedKeyValueStore<string, long>("order-counts").Get("ann").Value);
            Assert.NotEmpty(Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
