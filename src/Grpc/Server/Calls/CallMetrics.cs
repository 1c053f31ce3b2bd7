using System.Diagnostics.Metrics;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Counts calls and messages under the names that go-grpc's dashboards know: <c>grpc_server_handled_total</c> and the others.</summary>
internal sealed class CallMetrics
{
    public CallMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("Grpc.AspNetCore.Server");
        Started = meter.CreateCounter<long>("grpc.server.started", "{call}", "Calls begun.");
        Handled = meter.CreateCounter<long>("grpc.server.handled", "{call}", "Calls ended, by status.");
        Received = meter.CreateCounter<long>("grpc.server.msg.received", "{message}", "Messages read.");
        Sent = meter.CreateCounter<long>("grpc.server.msg.sent", "{message}", "Messages written.");
        Handling = meter.CreateHistogram<double>("grpc.server.handling", "s", "Time from a call's begin to its end; a stream's is as long as it lives.");
    }

    public Counter<long> Started { get; }

    public Counter<long> Handled { get; }

    public Counter<long> Received { get; }

    public Counter<long> Sent { get; }

    public Histogram<double> Handling { get; }
}

/// <summary>One method's part of it.</summary>
internal sealed class MethodMetrics
{
    private readonly CallMetrics _all;
    private readonly KeyValuePair<string, object?>[] _tags;
    private readonly KeyValuePair<string, object?>[][] _byStatus;

    public MethodMetrics(CallMetrics all, IMethod method)
    {
        _all = all;
        _tags = [new("grpc_service", method.ServiceName), new("grpc_method", method.Name), new("grpc_type", NameOf(method.Type))];
        _byStatus = [.. Enum.GetValues<StatusCode>().Order().Select(status => (KeyValuePair<string, object?>[])[.. _tags, new("grpc_code", NameOf(status))])];

        // There from the beginning, at zero: a rate needs a point before the first call.
        _all.Started.Add(0, _tags);
        _all.Received.Add(0, _tags);
        _all.Sent.Add(0, _tags);
        _all.Handled.Add(0, _byStatus[(int)StatusCode.OK]);
    }

    /// <summary>True where somebody wants to know how long calls take.</summary>
    public bool AreTimed => _all.Handling.Enabled;

    public void Started() => _all.Started.Add(1, _tags);

    public void Received() => _all.Received.Add(1, _tags);

    public void Sent() => _all.Sent.Add(1, _tags);

    /// <summary>Counts a call that has ended.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="took">How long it took; null where nobody wanted to know when it began.</param>
    public void Handled(StatusCode status, TimeSpan? took)
    {
        _all.Handled.Add(1, _byStatus[Math.Clamp((int)status, 0, _byStatus.Length - 1)]);
        if (took is { } time)
            _all.Handling.Record(time.TotalSeconds, _tags);
    }

    private static string NameOf(MethodType type) => type switch
    {
        MethodType.Unary => "unary",
        MethodType.ClientStreaming => "client_stream",
        MethodType.ServerStreaming => "server_stream",
        _ => "bidi_stream",
    };

    // Go spells it with one l.
    private static string NameOf(StatusCode status) => status is StatusCode.Cancelled ? "Canceled" : status.ToString();
}
