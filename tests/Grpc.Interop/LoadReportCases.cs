using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Interop.V1;

namespace Grpc.Interop;

/// <summary>The cases of backend metrics: a server's load told with a call, and beside calls.</summary>
/// <remarks>
/// Other clients read reports through a load-balancing policy made for these tests. Ours has no such policy: it reads the trailer and calls the
/// service itself, which is what travels between the two.
/// </remarks>
internal sealed class LoadReportCases(ChannelBase channel)
{
    private readonly TestService.TestServiceClient _client = new(channel);
    private readonly OpenRcaService.OpenRcaServiceClient _reports = new(channel);

    public async Task PerCallAsync()
    {
        var asked = new TestOrcaReport
        {
            CpuUtilization = 0.8210,
            MemoryUtilization = 0.5847,
            RequestCost = { ["cost"] = 3456.32 },
            Utilization = { ["util"] = 0.30499 },
        };
        using var call = _client.UnaryCallAsync(new SimpleRequest { OrcaPerQueryReport = asked });
        await call;

        var bytes = call.GetTrailers().GetValueBytes(LoadReports.Trailer);
        Check.True(bytes is not null, $"There is no trailer {LoadReports.Trailer}.");
        Check.Equal(Expected(asked), OrcaLoadReport.Parser.ParseFrom(bytes), "The call's load report");
    }

    public async Task OutOfBandAsync()
    {
        using var call = _client.FullDuplexCall();
        await TellAsync(call, new TestOrcaReport { CpuUtilization = 0.8210, MemoryUtilization = 0.5847, Utilization = { ["util"] = 0.30499 } });
        await TellAsync(call, new TestOrcaReport { CpuUtilization = 0.29309, MemoryUtilization = 0.2, Utilization = { ["util"] = 0.2039 } });
        await call.RequestStream.CompleteAsync();
        Check.True(!await call.ResponseStream.MoveNext(), "There is a response too many.");
    }

    /// <summary>Has the server claim a load, and reads its reports until they say so. Whoever limits a case limits this.</summary>
    private async Task TellAsync(AsyncDuplexStreamingCall<StreamingOutputCallRequest, StreamingOutputCallResponse> call, TestOrcaReport asked)
    {
        await call.RequestStream.WriteAsync(new() { OrcaOobReport = asked, ResponseParameters = { new ResponseParameters { Size = 1 } } });
        Check.True(await call.ResponseStream.MoveNext(), "The server did not confirm the report.");

        var expected = Expected(asked);
        using var reports = _reports.StreamCoreMetrics(
            new OrcaLoadReportRequest { ReportInterval = Duration.FromTimeSpan(TimeSpan.FromSeconds(1)) });
        do
            Check.True(await reports.ResponseStream.MoveNext(), "The server tells no more reports.");
        while (!reports.ResponseStream.Current.Equals(expected));
    }

    private static OrcaLoadReport Expected(TestOrcaReport asked) => new()
    {
        CpuUtilization = asked.CpuUtilization,
        MemUtilization = asked.MemoryUtilization,
        RequestCost = { asked.RequestCost },
        Utilization = { asked.Utilization },
    };
}
