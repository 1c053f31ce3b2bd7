using Metrics.Collecting;

namespace Metrics.Tests.Collecting;

public sealed class FamilyNameTests
{
    [Theory]
    [InlineData("streams.gateway.ingest.records", "{record}", FamilyKind.Counter, "streams_gateway_ingest_records_total", "")]
    [InlineData("streams.agent.read.bytes", "By", FamilyKind.Counter, "streams_agent_read_bytes_total", "bytes")]
    [InlineData("streams.gateway.backpressure", "s", FamilyKind.Counter, "streams_gateway_backpressure_seconds_total", "seconds")]
    [InlineData("dotnet.gc.heap.total_allocated", "By", FamilyKind.Counter, "dotnet_gc_heap_total_allocated_bytes_total", "bytes")]
    [InlineData("kestrel.connection.duration", "s", FamilyKind.Histogram, "kestrel_connection_duration_seconds", "seconds")]
    [InlineData("streams.broker.flush.seconds", "s", FamilyKind.Histogram, "streams_broker_flush_seconds", "seconds")]
    [InlineData("process.working_set", "By", FamilyKind.Gauge, "process_working_set_bytes", "bytes")]
    [InlineData("jobs_total", null, FamilyKind.Counter, "jobs_total", "")]
    [InlineData("hits", "1", FamilyKind.Counter, "hits_total", "")]
    [InlineData("cache.fill", "1", FamilyKind.Gauge, "cache_fill_ratio", "ratio")]
    [InlineData("a..b-c d", "", FamilyKind.Gauge, "a_b_c_d", "")]
    [InlineData("9lives", null, FamilyKind.Gauge, "_9lives", "")]
    [InlineData("größe", null, FamilyKind.Gauge, "gr_e", "")]
    [InlineData("seconds", "s", FamilyKind.Gauge, "seconds", "seconds")]
    internal void An_instrument_is_named_as_Prometheus_would(string instrument, string? unit, FamilyKind kind, string name, string inWords) =>
        Assert.Equal(new FamilyName(name, inWords), FamilyName.Of(instrument, unit, kind));
}
