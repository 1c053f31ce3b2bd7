namespace Broker.Topics;

/// <summary>What a topic may be called. The name is also a folder's, so nothing else gets through.</summary>
internal static class TopicName
{
    public const int LengthMax = 249;

    /// <summary>Says what is wrong with a name; null where nothing is.</summary>
    public static string? Fault(string name)
    {
        if (name.Length == 0)
            return "A topic's name may not be empty.";
        if (name is "." or "..")
            return $"A topic may not be called '{name}'.";
        if (name.Length > LengthMax)
            return $"A topic's name may have {LengthMax} characters, not {name.Length}.";
        return name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-')
            ? null
            : "A topic's name may hold ASCII letters, digits, '.', '_' and '-' only.";
    }

    /// <summary>What two names share that differ only in '.' and '_'. Kafka's metrics cannot tell those apart, so only one may exist.</summary>
    public static string CollisionKey(string name) => name.Replace('.', '_');
}
