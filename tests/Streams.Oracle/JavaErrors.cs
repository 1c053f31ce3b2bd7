using Streams.Processing;

namespace Streams.Oracle;

/// <summary>What Kafka Streams calls the errors that this engine throws in its place.</summary>
internal static class JavaErrors
{
    // The most special type first.
    private static readonly (Type Type, string Name)[] Names =
    [
        (typeof(TopologyException), "TopologyException"),
        (typeof(CacheFlushException), "ProcessorStateException"),
        (typeof(StateStoreException), "ProcessorStateException"),
        (typeof(StreamsException), "StreamsException"),
        (typeof(ScenarioException), "IllegalArgumentException"),
        (typeof(ArgumentException), "IllegalArgumentException"),
        (typeof(FormatException), "NumberFormatException"),
        (typeof(IndexOutOfRangeException), "ArrayIndexOutOfBoundsException"),
    ];

    /// <summary>The simple class name of the error's counterpart; null where it has none, and is a fault of this program's.</summary>
    public static string? NameOf(Exception error) => Names.FirstOrDefault(n => n.Type.IsInstanceOfType(error)).Name;

    /// <summary>Whether the error came from the scenario, so that the driver goes on.</summary>
    public static bool IsAboutTheScenario(Exception error) => error is ScenarioException or ArgumentException;
}
