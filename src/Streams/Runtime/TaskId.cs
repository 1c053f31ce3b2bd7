using System.Globalization;

namespace Streams;

/// <summary>A task: one subtopology on one partition of its inputs.</summary>
/// <param name="Subtopology">The subtopology's number, as <see cref="Topology.Describe"/> shows it.</param>
/// <param name="Partition">The partition.</param>
public readonly record struct TaskId(int Subtopology, int Partition) : IComparable<TaskId>
{
    /// <inheritdoc/>
    public int CompareTo(TaskId other) =>
        Subtopology != other.Subtopology ? Subtopology.CompareTo(other.Subtopology) : Partition.CompareTo(other.Partition);

    /// <summary>As Kafka Streams writes it: <c>0_1</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Subtopology}_{Partition}");

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>.</summary>
    public static bool operator <(TaskId left, TaskId right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>.</summary>
    public static bool operator >(TaskId left, TaskId right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/> or equals it.</summary>
    public static bool operator <=(TaskId left, TaskId right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/> or equals it.</summary>
    public static bool operator >=(TaskId left, TaskId right) => left.CompareTo(right) >= 0;
}
