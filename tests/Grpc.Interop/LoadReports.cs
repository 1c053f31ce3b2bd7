using Google.Protobuf;
using Grpc.Core;
using Grpc.Interop.V1;

namespace Grpc.Interop;

/// <summary>The load that clients told this server to claim, and the service that tells it beside calls.</summary>
/// <remarks>Source: gRFC A51, "Custom Backend Metrics".</remarks>
internal sealed class LoadReports(TimeProvider time) : OpenRcaService.OpenRcaServiceBase, IDisposable
{
    /// <summary>The trailer that carries one call's report.</summary>
    public const string Trailer = "endpoint-load-metrics-bin";

    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _oneByOne = new(1);
    private OrcaLoadReport _current = new();

    /// <summary>Puts a call's own report into its trailers.</summary>
    public static void AddTo(ServerCallContext context, TestOrcaReport asked) => context.ResponseTrailers.Add(Trailer, ReportOf(asked).ToByteArray());

    /// <summary>Waits until no other call changes the server's report, which tests would see of each other.</summary>
    public async Task<IDisposable> TakeTurnAsync(CancellationToken cancellation)
    {
        await _oneByOne.WaitAsync(cancellation);
        return new Turn(_oneByOne);
    }

    /// <summary>Replaces the server's report.</summary>
    public void Set(TestOrcaReport asked) => Volatile.Write(ref _current, ReportOf(asked));

    /// <summary>Sends the report at once and then whenever the interval is over.</summary>
    public override async Task StreamCoreMetrics(
        OrcaLoadReportRequest request, IServerStreamWriter<OrcaLoadReport> responseStream, ServerCallContext context)
    {
        var asked = request.ReportInterval?.ToTimeSpan() ?? TimeSpan.Zero;
        using var timer = new PeriodicTimer(asked > TimeSpan.Zero && asked < LongestInterval ? asked : LongestInterval, time);
        do
            await responseStream.WriteAsync(Volatile.Read(ref _current));
        while (await timer.WaitForNextTickAsync(context.CancellationToken));
    }

    public void Dispose() => _oneByOne.Dispose();

    private static OrcaLoadReport ReportOf(TestOrcaReport asked) => new()
    {
        CpuUtilization = asked.CpuUtilization,
        MemUtilization = asked.MemoryUtilization,
        RequestCost = { asked.RequestCost },
        Utilization = { asked.Utilization },
    };

    private sealed class Turn(SemaphoreSlim oneByOne) : IDisposable
    {
        public void Dispose() => oneByOne.Release();
    }
}
