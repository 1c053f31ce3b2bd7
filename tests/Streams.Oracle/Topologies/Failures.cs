namespace Streams.Oracle.Topologies;

/// <summary>Records that cannot be read or processed, and what becomes of them.</summary>
internal static class Failures
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("long-input", "handler=fail/continue dlq=", "in has numbers of 8 bytes (`hex:` for others): bad ones go to the handler, and to a dead letter topic if named → out", LongInput),
        new("processing-error", "handler=fail/continue dlq=", "in: mapValues that throws on x… → out", ProcessingError),
    ];

    private static void LongInput(Scene s)
    {
        s.Input("in", InputKind.NumberOrNoise);
        s.Config.DeserializationErrors = Handler(s);
        s.Sink(s.Builder.Stream<string, long?>("in"), "out");
    }

    private static void ProcessingError(Scene s)
    {
        s.Config.ProcessingErrors = Handler(s);
        s.Sink(s.Stream("in").MapValues(v => Texts.IsX(v) ? throw new InvalidOperationException("told to fail") : v), "out");
    }

    // The default handler leaves a dead letter too, where a topic is named.
    private static Func<RecordError, ErrorResponse>? Handler(Scene s)
    {
        DeadLetters(s);
        return s.Options.Choice("handler", "fail", "continue") == "fail" ? null
            : s.Config.DeadLetterTopic is null ? static _ => ErrorResponse.Continue
            : static _ => ErrorResponse.DeadLetter;
    }

    private static void DeadLetters(Scene s)
    {
        if (!s.Options.Has("dlq"))
            return;

        var topic = s.Options.Text("dlq", "");
        s.Config.DeadLetterTopic = topic;
        s.Output(topic, Serdes.String, Serdes.String);
    }
}
