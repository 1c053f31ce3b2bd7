namespace Metrics.Admin;

/// <summary>Something a part needs before it is of use, such as a Kafka that answers. Asked whenever someone asks whether the part is ready.</summary>
/// <param name="Name">What it is about, in a word.</param>
/// <param name="Trouble">What is wrong, as a sentence; null while all is well. Must answer at once, from what is known.</param>
public sealed record ReadinessCheck(string Name, Func<string?> Trouble);

/// <summary>Something that only a new start can mend. Must not depend on another process: a restart would not bring it back.</summary>
/// <param name="Name">What it is about, in a word.</param>
/// <param name="Trouble">What is wrong, as a sentence; null while all is well. Must answer at once, from what is known.</param>
public sealed record LivenessCheck(string Name, Func<string?> Trouble);

/// <summary>What checks have to say.</summary>
internal static class Checks
{
    /// <summary>A line for each check that found something wrong.</summary>
    public static IEnumerable<string> Troubles(this IEnumerable<ReadinessCheck> checks) => checks.Select(check => Line(check.Name, check.Trouble())).OfType<string>();

    /// <inheritdoc cref="Troubles(IEnumerable{ReadinessCheck})"/>
    public static IEnumerable<string> Troubles(this IEnumerable<LivenessCheck> checks) => checks.Select(check => Line(check.Name, check.Trouble())).OfType<string>();

    private static string? Line(string name, string? trouble) => trouble is null ? null : $"{name}: {trouble}";
}
