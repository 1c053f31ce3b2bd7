using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Net;
using Broker.Groups;
using Broker.Log;
using Broker.Requests;
using Broker.Server;
using Broker.Topics;
using Kafka.Protocol;
using Kafka.Protocol.Messages;
using Microsoft.Extensions.Logging;
using Settings;

namespace Broker;

/// <summary>An embedded, durable, single-node log that speaks the Kafka protocol.</summary>
public sealed partial class BrokerServer : IAsyncDisposable
{
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly DataFolder _folder;
    private readonly BrokerMetrics _metrics;
    private readonly LogFlusher _flusher;
    private readonly TopicCatalog _topics;
    private readonly GroupCoordinator _groups;
    private readonly Listener _listener;
    private readonly Task _sweeping;
    private int _stopped;

    private BrokerServer(
        BrokerOptions options,
        DataFolder folder,
        BrokerMetrics metrics,
        LogFlusher flusher,
        TopicCatalog topics,
        GroupCoordinator groups,
        TimeProvider time,
        ILogger logger)
    {
        _logger = logger;
        _folder = folder;
        _metrics = metrics;
        _flusher = flusher;
        _topics = topics;
        _groups = groups;
        var apis = new ApiTable();
        _listener = new(apis, options, metrics, time, logger);
        Port = _listener.Port;
        var node = new BrokerNode(options.NodeId, AdvertisedHost(options), options.AdvertisedPort ?? Port);
        BootstrapServers = node.Host.Contains(':', StringComparison.Ordinal) ? $"[{node.Host}]:{node.Port}" : $"{node.Host}:{node.Port}";
        Offer(apis, node, options, time);
        metrics.ObservePartitions(() => topics.PartitionCount);
        _sweeping = new RetentionSweep(
            () => topics.Topics.SelectMany(static topic => topic.Partitions), options.RetentionSweepInterval, options.ProducerIdExpiration, time)
            .RunAsync(_stopping.Token);
        _listener.Start();
    }

    /// <summary>The port it listens on: the one asked for, or the one the system chose for 0.</summary>
    public int Port { get; }

    /// <summary>What to give a client as its <c>bootstrap.servers</c>: <c>host:port</c> as advertised.</summary>
    public string BootstrapServers { get; }

    /// <summary>Recovers the data folder, starts to listen, and returns once clients can connect.</summary>
    /// <param name="options">Where to listen and what to keep.</param>
    /// <param name="loggers">Where its log goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends the recovery.</param>
    /// <param name="meters">Makes the meter <c>Streams.Broker</c>; null for one of no factory, which every listener of the process hears.</param>
    /// <exception cref="SetupException">A setting is out of range, the folder cannot be used, or the port is taken.</exception>
    public static async Task<BrokerServer> StartAsync(
        BrokerOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken cancellation, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggers);
        ArgumentNullException.ThrowIfNull(time);
        Check(options);

        var logger = loggers.CreateLogger<BrokerServer>();
        var started = time.GetTimestamp();
        var folder = DataFolder.Take(options.DataDirectory);
        BrokerMetrics? metrics = null;
        LogFlusher? flusher = null;
        TopicCatalog? topics = null;
        GroupCoordinator? groups = null;
        try
        {
            metrics = new BrokerMetrics(meters);
            flusher = new LogFlusher(options.Flush, options.FlushInterval, time, metrics);
            var opened = await Task.Run(() => TopicCatalog.Open(options, flusher, metrics, time, logger), cancellation).ConfigureAwait(false);
            topics = opened;
            groups = await GroupCoordinator.OpenAsync(
                Path.Combine(options.DataDirectory, "groups"),
                GroupOptions(options),
                (topic, partition) => opened.FindPartition(topic, partition) is not null,
                time,
                loggers.CreateLogger<GroupCoordinator>(),
                cancellation,
                meters).ConfigureAwait(false);
            var server = new BrokerServer(options, folder, metrics, flusher, topics, groups, time, logger);
            server.Started(server.BootstrapServers, Path.GetFullPath(options.DataDirectory), topics.PartitionCount, time.GetElapsedTime(started).TotalMilliseconds);
            return server;
        }
        catch
        {
            if (groups is not null)
                await groups.DisposeAsync().ConfigureAwait(false);
            topics?.Dispose();
            flusher?.Dispose();
            metrics?.Dispose();
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Answers what is being answered, flushes everything to disk and lets the folder go. Safe to call twice.</summary>
    /// <param name="cancellation">Ends the wait for open requests; data is flushed in any case.</param>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
            return;
        await StopServingAsync(cancellation).ConfigureAwait(false);
        await Task.Run(_topics.Close, CancellationToken.None).ConfigureAwait(false);
        LetGo();
        Stopped();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>Leaves the folder as a killed process would: nothing flushed, no index written. For tests of recovery.</summary>
    internal async Task AbandonAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) == 1)
            return;
        _topics.Dispose();
        await StopServingAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        LetGo();
    }

    private async Task StopServingAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        // Parked joins and syncs are answered first, or their connections would be waited for in vain.
        var listener = _listener.StopAsync(cancellation);
        await _groups.DisposeAsync().ConfigureAwait(false);
        await listener.ConfigureAwait(false);
        await _sweeping.ConfigureAwait(false);
    }

    private void LetGo()
    {
        _listener.Dispose();
        _flusher.Dispose();
        _metrics.Dispose();
        _folder.Dispose();
        _stopping.Dispose();
    }

    private void Offer(ApiTable apis, BrokerNode node, BrokerOptions options, TimeProvider time)
    {
        var cluster = new ClusterRequests(apis, node, _topics, options);
        apis.On<ApiVersionsRequest, ApiVersionsResponse>(cluster.Versions);
        apis.On<MetadataRequest, MetadataResponse>(cluster.Metadata);
        apis.On<DescribeClusterRequest, DescribeClusterResponse>(cluster.Cluster);
        apis.On<FindCoordinatorRequest, FindCoordinatorResponse>(cluster.Coordinator);

        apis.Add<ProduceRequest>(new ProduceRequests(_topics, _metrics, time).AnswerAsync);
        apis.Add<FetchRequest>(new FetchRequests(_topics, options, _metrics, time).AnswerAsync);
        apis.On<InitProducerIdRequest, InitProducerIdResponse>(new ProducerIdRequests(_topics).Init);

        var offsets = new OffsetRequests(_topics);
        apis.On<ListOffsetsRequest, ListOffsetsResponse>(offsets.List);
        apis.On<OffsetForLeaderEpochRequest, OffsetForLeaderEpochResponse>(offsets.EndOfEpoch);

        var topics = new TopicRequests(_topics, node, options, _groups.ForgetTopicAsync);
        apis.On<CreateTopicsRequest, CreateTopicsResponse>(topics.Create);
        apis.On<DeleteTopicsRequest, DeleteTopicsResponse>(topics.DeleteAsync);
        apis.On<CreatePartitionsRequest, CreatePartitionsResponse>(topics.AddPartitions);
        apis.On<DeleteRecordsRequest, DeleteRecordsResponse>(topics.DeleteRecords);

        var configs = new ConfigRequests(_topics, node, options);
        apis.On<DescribeConfigsRequest, DescribeConfigsResponse>(configs.Describe);
        apis.On<AlterConfigsRequest, AlterConfigsResponse>(configs.Alter);
        apis.On<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(configs.AlterSome);

        apis.On<JoinGroupRequest, JoinGroupResponse>(_groups.JoinAsync);
        apis.On<SyncGroupRequest, SyncGroupResponse>(_groups.SyncAsync);
        apis.On<HeartbeatRequest, HeartbeatResponse>(_groups.HeartbeatAsync);
        apis.On<LeaveGroupRequest, LeaveGroupResponse>(_groups.LeaveAsync);
        apis.On<OffsetCommitRequest, OffsetCommitResponse>(_groups.CommitOffsetsAsync);
        apis.On<OffsetFetchRequest, OffsetFetchResponse>(_groups.FetchOffsetsAsync);
        apis.On<DescribeGroupsRequest, DescribeGroupsResponse>(_groups.DescribeAsync);
        apis.On<ListGroupsRequest, ListGroupsResponse>(_groups.ListAsync);
        apis.On<DeleteGroupsRequest, DeleteGroupsResponse>(_groups.DeleteAsync);
        apis.On<OffsetDeleteRequest, OffsetDeleteResponse>(_groups.DeleteOffsetsAsync);
    }

    private static GroupCoordinatorOptions GroupOptions(BrokerOptions options) => new()
    {
        InitialRebalanceDelay = options.GroupInitialRebalanceDelay,
        SessionTimeoutMin = options.GroupSessionTimeoutMin,
        SessionTimeoutMax = options.GroupSessionTimeoutMax,
        MembersMax = options.GroupMembersMax,
        OffsetsRetention = options.OffsetsRetention,
        Flush = options.Flush,
    };

    private static string AdvertisedHost(BrokerOptions options)
    {
        if (options.AdvertisedHost is { Length: > 0 } advertised)
            return advertised;
        var wildcard = IPAddress.TryParse(options.Host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return wildcard ? Dns.GetHostName() : options.Host;
    }

    private static void Check(BrokerOptions options)
    {
        var faults = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true))
            throw new SetupException("The broker's settings are not usable: " + string.Join(" ", faults.Select(static fault => fault.ErrorMessage)));
    }

    [LoggerMessage(1301, LogLevel.Information, "The broker listens on {BootstrapServers}; its data is in {DataDirectory}, {Partitions} partitions, ready after {Milliseconds:0} ms.")]
    private partial void Started(string bootstrapServers, string dataDirectory, int partitions, double milliseconds);

    [LoggerMessage(1302, LogLevel.Information, "The broker has stopped; everything is on disk.")]
    private partial void Stopped();
}
