using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Grpc.Core;
using Grpc.Tests.V1;
using Microsoft.Extensions.DependencyInjection;
using TestKit;

namespace Grpc.Tests;

/// <summary>The numbers that go-grpc's dashboards show.</summary>
public sealed class MetricsTests
{
    [Fact]
    public async Task Calls_and_messages_are_counted_by_method_type_and_code()
    {
        using var meters = new TestMeters();
        using var counts = new Counts(meters);
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<IMeterFactory>(meters));
        var client = host.Client();

        await client.SayAsync(new Note { Number = 1 });
        using (var gather = client.Gather())
        {
            for (var i = 0; i < 3; i++)
                await gather.RequestStream.WriteAsync(new Note { Number = i });
            await gather.RequestStream.CompleteAsync();
            await gather;
        }

        await counts.ReachesAsync("grpc.server.handled Gather client_stream OK", 1);
        Assert.Equal(1, counts["grpc.server.started Say unary"]);
        Assert.Equal(1, counts["grpc.server.handled Say unary OK"]);
        Assert.Equal(1, counts["grpc.server.msg.received Say unary"]);
        Assert.Equal(1, counts["grpc.server.msg.sent Say unary"]);
        Assert.Equal(3, counts["grpc.server.msg.received Gather client_stream"]);
        Assert.Equal(1, counts["grpc.server.msg.sent Gather client_stream"]);
    }

    [Fact]
    public async Task Every_method_is_there_at_zero_before_its_first_call()
    {
        using var meters = new TestMeters();
        using var counts = new Counts(meters);
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<IMeterFactory>(meters));

        Assert.Equal(0, counts["grpc.server.started Repeat server_stream"]);
        Assert.Equal(0, counts["grpc.server.handled Repeat server_stream OK"]);
    }

    [Fact]
    public async Task A_call_that_its_deadline_ends_is_handled_as_such()
    {
        using var meters = new TestMeters();
        using var counts = new Counts(meters);
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<IMeterFactory>(meters));
        host.Service.OnSay = async (note, context) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return note;
        };

        // A gRPC client would end the call at its own deadline, perhaps before the server does: then it was cancelled.
        using var response = await RawRequest.PostAsync(
            host, RawRequest.Say, new ByteArrayContent(RawRequest.Hello), headers: [("grpc-timeout", "50m")]);

        await counts.ReachesAsync("grpc.server.handled Say unary DeadlineExceeded", 1);
    }

    /// <summary>Adds up by instrument, method, type and code.</summary>
    private sealed class Counts : IDisposable
    {
        private readonly ConcurrentDictionary<string, long> _totals = new();
        private readonly MeterListener _listener = new();

        public Counts(IMeterFactory meters)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, meters))
                    listener.EnableMeasurementEvents(instrument);
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            {
                var name = instrument.Name;
                foreach (var (key, tag) in tags)
                    name += key == "grpc_service" ? "" : $" {tag}";
                _totals.AddOrUpdate(name, value, (_, total) => total + value);
            });
            _listener.Start();
        }

        public long this[string name] => _totals[name];

        // The client hears of an end before the server has counted it.
        public async Task ReachesAsync(string name, long value)
        {
            using var limit = new CancellationTokenSource(EchoHost.Patience);
            while (_totals.GetValueOrDefault(name) < value)
                await Task.Delay(5, limit.Token);
        }

        public void Dispose() => _listener.Dispose();
    }
}
