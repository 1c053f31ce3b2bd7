namespace Streams.Oracle.Topologies;

/// <summary>Records that cannot be read or processed, and what becomes of them.</summary>
internal static class Failures
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("long-input", "handler=fail/continue dlq=", "in has numbers of 8 bytes (`hex:` for others): bad ones go to the handler, and to a dead letter topic if named → out", LongInput),
    ];

    private static void LongInput(Scene s)
    {
        s.Input("in", InputKind.NumberOrNoise);
        DeadLetters(s);
        if (s.Options.Text("handler", "fail") == "continue")
        {
            s.Config.DeserializationErrors = s.Config.DeadLetterTopic is null
                ? static _ => ErrorResponse.Continue
                : static _ => ErrorResponse.DeadLetter;
        }

        s.Sink(s.Builder.Stream<string, long?>("in"), "out");
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
