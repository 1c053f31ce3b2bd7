using Monitor.Pipeline;
using Streams.Contracts.V1;

namespace Monitor.Tests.Pipeline;

public sealed class AlertFingerprintTests
{
    [Theory]
    [InlineData("connection to 10.0.0.17:5432 lost", "connection to # lost")]
    [InlineData("took 12 ms", "took # ms")]
    [InlineData("order 6f1c0e2a-4b7d-4f7e-9d0c-1a2b3c4d5e6f failed", "order # failed")]
    [InlineData("2026-01-01T10:00:00.123Z disk full", "# disk full")]
    [InlineData("no numbers here", "no numbers here")]
    [InlineData("blk_-1608999687919862906 gone", "blk_-# gone")]
    [InlineData("first line 1\n   at Some.Stack(Trace.cs:12)", "first line #")]
    [InlineData("", "")]
    public void Numbers_and_ids_are_masked(string message, string template) => Assert.Equal(template, AlertFingerprint.Template(message));

    [Fact]
    public void The_same_cause_has_the_same_fingerprint_and_another_has_another()
    {
        var log = new LogRecord { NodeId = "n", Service = "s", Severity = Severity.Error, Message = "took 12 ms" };
        LogRecord With(Action<LogRecord> change)
        {
            var other = log.Clone();
            change(other);
            return other;
        }

        Assert.Equal(AlertFingerprint.Of(log), AlertFingerprint.Of(With(l => l.Message = "took 9 ms")));
        string[] others =
        [
            AlertFingerprint.Of(log),
            AlertFingerprint.Of(With(l => l.NodeId = "m")),
            AlertFingerprint.Of(With(l => l.Service = "t")),
            AlertFingerprint.Of(With(l => l.Severity = Severity.Warn)),
            AlertFingerprint.Of(With(l => l.Message = "took long")),
        ];
        Assert.Equal(others.Length, others.Distinct().Count());
    }
}
