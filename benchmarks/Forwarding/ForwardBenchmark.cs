using System.Diagnostics;
using System.Globalization;
using Gateway;
using Gateway.Forwarding;
using Gateway.Writing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streams.Contracts.V1;

namespace Benchmarks.Forwarding;

/// <summary>
/// What forwarding to Fluentd costs a gateway, required delivery, one sender of batches of 500: from the record to the acknowledgement of its
/// chunk, over loopback. CPU is the process', and with it that of a sink that does next to nothing.
/// </summary>
internal static class ForwardBenchmark
{
    private const int BatchRecords = 500;
    private const int WarmUpRecords = 500_000;

    private static readonly (string Name, int MessageBytes, int Attributes)[] _rows =
        [("100 B", 100, 0), ("100 B, 4 attributes", 100, 4), ("1 KiB", 1_024, 0), ("100 B, protobuf", 100, 0)];

    public static async Task<int> RunAsync(string[] arguments, TextWriter output)
    {
        var records = arguments is ["--records", var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 1_000_000;
        await output.WriteLineAsync($"{"record",-22}{"records/s",12}{"MB/s",8}{"CPU µs/record",16}{"B/record",10}");
        foreach (var (name, bytes, attributes) in _rows)
            await output.WriteLineAsync(await MeasureAsync(name, Record(bytes, attributes), records));
        return 0;
    }

    private static async Task<string> MeasureAsync(string name, LogRecord record, int records)
    {
        await using var sink = new AcknowledgingSink();
        var options = new GatewayOptions
        {
            Fluentd =
            {
                Server = $"127.0.0.1:{sink.Port}",
                Delivery = ForwardDelivery.Required,
                IncludeProtobuf = name.Contains("protobuf", StringComparison.Ordinal),
            },
        };
        var services = new ServiceCollection().AddLogging().AddMetrics().AddSingleton(TimeProvider.System).AddSingleton(options).AddSingleton<GatewayMetrics>();
        services.AddForwarding(options);
        await using var built = services.BuildServiceProvider();
        var sender = built.GetServices<IHostedService>().Single();
        await sender.StartAsync(CancellationToken.None);
        var forwarder = built.GetRequiredService<Forwarder>();

        var batch = Enumerable.Range(0, BatchRecords).Select(_ => new SizedMessage(record.Clone(), record.CalculateSize())).ToList();
        await ForwardAsync(forwarder, batch, WarmUpRecords);
        var (sent, cpu, allocated, clock) = (sink.Bytes, Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes(precise: true), Stopwatch.StartNew());
        await ForwardAsync(forwarder, batch, records);
        var seconds = clock.Elapsed.TotalSeconds;
        var (microseconds, bytes) = ((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds, GC.GetTotalAllocatedBytes(precise: true) - allocated);
        await sender.StopAsync(CancellationToken.None);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-22}{records / seconds,12:N0}{(sink.Bytes - sent) / seconds / 1e6,8:N0}{microseconds / records,16:N2}{(double)bytes / records,10:N1}");
    }

    private static async Task ForwardAsync(Forwarder forwarder, List<SizedMessage> batch, int records)
    {
        var waiting = new Queue<Task>();
        for (var sent = 0; sent < records;)
        {
            var receipt = forwarder.NewReceipt()!;
            foreach (var record in batch)
                ((LogRecord)record.Message).Position.Sequence = (ulong)sent++;
            await forwarder.ForwardAsync(batch, receipt, CancellationToken.None);

            waiting.Enqueue(receipt.SealAndWaitAsync(CancellationToken.None));
            while (waiting.TryPeek(out var first) && first.IsCompleted)
                await waiting.Dequeue();
        }

        await Task.WhenAll(waiting);
    }

    private static LogRecord Record(int messageBytes, int attributes)
    {
        var record = new LogRecord
        {
            NodeId = "web-1", Service = "orders", Severity = Severity.Info, Source = "/var/log/orders.log", Message = new string('x', messageBytes),
            Time = new() { Seconds = 1_700_000_000 }, Observed = new() { Seconds = 1_700_000_001 }, Position = new Position { Epoch = 3 },
        };
        for (var i = 0; i < attributes; i++)
            record.Attributes[$"attribute.{i}"] = $"value {i}";
        return record;
    }
}
