using HdrHistogram;

namespace Benchmarks.Rpc;

/// <summary>What one side did in one run of a row.</summary>
/// <param name="Messages">Calls, or messages of streams, that were answered or arrived.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Server">What the server's process used up for it.</param>
/// <param name="Client">What the client's process used up for it.</param>
/// <param name="Microseconds">How long answers took; empty where none are waited for.</param>
internal sealed record RpcSample(long Messages, TimeSpan Elapsed, ProcessCost Server, ProcessCost Client, LongHistogram Microseconds)
{
    public double PerSecond => Messages / Elapsed.TotalSeconds;

    public double ServerCpu => Server.Cpu.TotalMicroseconds / Messages;

    public double ClientCpu => Client.Cpu.TotalMicroseconds / Messages;

    public double ServerBytes => (double)Server.AllocatedBytes / Messages;

    public double ClientBytes => (double)Client.AllocatedBytes / Messages;
}
