using Gateway.Forwarding;
using Gateway.Ingest;
using Gateway.Writing;
using Kafka;
using Microsoft.Extensions.DependencyInjection;
using Streams.Contracts.V1;

namespace Gateway.Tests.Writing;

/// <summary>
/// Who has much to pass on gives way in between. A broker in the same process would otherwise not come to its turn, and without it nothing is acknowledged.
/// </summary>
public sealed class TurnsTests
{
    private static readonly string[] _threeHundred = [.. Enumerable.Range(1, 300).Select(n => $"{n:000}")];

    [Fact]
    public async Task A_stream_whose_batches_are_all_there_already_gives_way_after_each()
    {
        var batches = new ReadyBatches(batches: 10, records: 5);
        await using var producer = new TightProducer(room: 1_000);
        var options = new GatewayOptions();
        using var services = Services(options);
        using var stream = new LogStream(
            new Hello { NodeId = "web-1", Epoch = 1 }, new WriterSession(producer), services.GetRequiredService<Forwarder>(), batches, batches, options,
            services.GetRequiredService<GatewayMetrics>(), TimeProvider.System);

        await CallingThread.Call(() => stream.ReadAsync(CancellationToken.None));

        Assert.Equal(1, batches.AskedForInTheCall);
        Assert.Equal(_threeHundred[..50], producer.Written);
    }

    [Fact]
    public async Task A_long_run_of_records_gives_way_on_its_way_and_stays_in_order()
    {
        await using var producer = new TightProducer(room: 1_000);
        var session = new WriterSession(producer);

        var inTheCall = 0;
        producer.Appended = () => inTheCall += CallingThread.IsThis ? 1 : 0;
        await CallingThread.Call(() => Append(session, new Delivery()));

        Assert.Equal(Turn.RecordsMax, inTheCall);
        Assert.Equal(_threeHundred, producer.Written);
    }

    [Fact]
    public async Task What_there_is_no_room_for_waits_and_comes_once_and_in_order()
    {
        await using var producer = new TightProducer(room: 70);
        var delivery = new Delivery();

        await Append(new WriterSession(producer), delivery);

        Assert.Equal(_threeHundred, producer.Written);
        Assert.Equal(4, producer.Waits);
        Assert.Empty(await delivery.SealAndWaitAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_wait_for_room_that_is_given_up_leaves_what_came_before_appended()
    {
        await using var producer = new TightProducer(room: 70);
        using var given = new CancellationTokenSource();
        await given.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Append(new WriterSession(producer), new Delivery(), given.Token));

        Assert.Equal(_threeHundred[..70], producer.Written);
    }

    private static Task Append(WriterSession session, Delivery delivery, CancellationToken cancellation = default)
    {
        List<SizedMessage> messages = [.. _threeHundred.Select(text => new LogRecord { Message = text }).Select(record => new SizedMessage(record, record.CalculateSize()))];
        return session.AppendAsync("logs", "web-1"u8.ToArray(), messages, 0, delivery, cancellation).AsTask();
    }

    private static ServiceProvider Services(GatewayOptions options)
    {
        var services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton(options).AddSingleton<GatewayMetrics>();
        services.AddForwarding(options);
        return services.BuildServiceProvider();
    }
}
