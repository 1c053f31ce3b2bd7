using Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Streams.Runtime;

namespace Streams.Tests.Runtime;

/// <summary>How long the changelogs that an application creates keep their records.</summary>
public sealed class ChangelogRetentionTests
{
    private const long DayMs = 24 * 60 * 60 * 1000;
    private const long HourMs = 60 * 60 * 1000;

    [Theory]
    [InlineData("windows")]
    [InlineData("sessions")]
    public async Task A_changelog_of_windows_or_sessions_keeps_a_day_more_than_its_store(string store)
    {
        var created = await CreatedAsync(_ => { });

        Assert.Equal($"{(2 * HourMs) + DayMs}", created[store]["retention.ms"]);
        Assert.Equal("compact,delete", created[store]["cleanup.policy"]);
    }

    [Theory]
    [InlineData("windows")]
    [InlineData("sessions")]
    public async Task Or_as_much_more_as_the_application_says(string store)
    {
        var created = await CreatedAsync(c => c.WindowChangelogAdditionalRetention = TimeSpan.FromHours(3));

        Assert.Equal($"{5 * HourMs}", created[store]["retention.ms"]);
    }

    [Fact]
    public async Task A_store_that_asks_for_a_retention_of_its_own_gets_that()
    {
        var created = await CreatedAsync(_ => { }, new Dictionary<string, string> { ["retention.ms"] = "12345" });

        Assert.Equal("12345", created["windows"]["retention.ms"]);
    }

    [Fact]
    public async Task Windows_without_an_end_are_kept_for_good()
    {
        var created = await CreatedAsync(_ => { });

        Assert.Equal($"{long.MaxValue}", created["forever"]["retention.ms"]);
    }

    [Fact]
    public async Task The_setting_leaves_alone_what_is_compacted_only()
    {
        var created = await CreatedAsync(c => c.WindowChangelogAdditionalRetention = TimeSpan.FromHours(3));

        Assert.DoesNotContain("retention.ms", created["table"].Keys);
        Assert.DoesNotContain("retention.ms", created["history"].Keys);
        Assert.Equal($"{HourMs + DayMs}", created["history"]["min.compaction.lag.ms"]);
    }

    [Fact]
    public void It_cannot_be_negative()
    {
        var config = new StreamConfig { ApplicationId = "app", WindowChangelogAdditionalRetention = TimeSpan.FromMilliseconds(-1) };

        var error = Assert.Throws<StreamsException>(config.Validate);

        Assert.Contains("WindowChangelogAdditionalRetention", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The settings of the changelogs that an application creates at its start, by store.</summary>
    private static async Task<Dictionary<string, IReadOnlyDictionary<string, string>>> CreatedAsync(
        Action<StreamConfig> configure, IReadOnlyDictionary<string, string>? windowSettings = null)
    {
        var config = new StreamConfig { ApplicationId = "app" };
        configure(config);
        using var cluster = new Cluster("in", "table-in", "history-in");
        var topics = new TopicManager(new(Topology(windowSettings), "app"), config, cluster, TimeProvider.System, NullLogger.Instance);

        await topics.PrepareAsync(CancellationToken.None);

        return cluster.Created.ToDictionary(t => t.Name["app-".Length..^"-changelog".Length], t => t.Configs);
    }

    private static Topology Topology(IReadOnlyDictionary<string, string>? windowSettings)
    {
        var builder = new StreamBuilder();
        var groups = builder.Stream<string, string>("in").GroupByKey();
        var windows = Materialized.As<string, long>("windows").WithRetention(TimeSpan.FromHours(2));
        groups.WindowedBy(TumblingWindows.Of(TimeSpan.FromHours(1))).Count(windowSettings is null ? windows : windows.WithLoggingEnabled(windowSettings));
        groups.WindowedBy(SessionWindows.OfInactivityGapWithNoGrace(TimeSpan.FromMinutes(1)))
            .Count(Materialized.As<string, long>("sessions").WithRetention(TimeSpan.FromHours(2)));
        groups.WindowedBy(UnlimitedWindows.Of()).Count(Materialized.As<string, long>("forever"));
        builder.Table("table-in", null, Materialized.As<string, string>("table"));
        builder.Table("history-in", null, Materialized.AsVersioned<string, string>("history", TimeSpan.FromHours(1)));
        return builder.Build();
    }

    /// <summary>Topics that exist, and what is asked for besides.</summary>
    private sealed class Cluster(params string[] topics) : ILogClient, ILogAdmin
    {
        public List<TopicSpecification> Created { get; } = [];

        public ILogAdmin CreateAdmin() => this;

        public ILogProducer CreateProducer(ProducerSettings settings) => throw new NotSupportedException();

        public ILogConsumer CreateConsumer(ConsumerSettings settings) => throw new NotSupportedException();

        public Task CreateTopicsAsync(IReadOnlyCollection<TopicSpecification> topics, CancellationToken cancellation)
        {
            Created.AddRange(topics);
            return Task.CompletedTask;
        }

        public Task DeleteTopicsAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<int?> PartitionCountAsync(string topic, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<IReadOnlyDictionary<string, int>> ListTopicsAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyDictionary<string, int>>(topics.ToDictionary(t => t, _ => 1));

        public void Dispose()
        {
        }
    }
}
