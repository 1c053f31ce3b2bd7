using System.ComponentModel.DataAnnotations;

namespace Streams.RocksDb;

/// <summary>What persistent stores may use, and how often they write to disk. One set per application instance.</summary>
public sealed class RocksDbOptions : IValidatableObject
{
    private const long Mebibyte = 1 << 20;

    /// <summary>
    /// Memory in bytes for all persistent stores of the instance together: blocks, indexes and filters read from disk, and writes not yet on disk.
    /// Default 256 MiB, at least 16 MiB. Kafka Streams gives every store 50 MB of cache and 48 MB of write buffers of its own instead.
    /// </summary>
    [Range(16 * Mebibyte, 1L << 40)]
    public long MemoryBytes { get; set; } = 256 * Mebibyte;

    /// <summary>
    /// The part of <see cref="MemoryBytes"/> that is for writes not yet on disk, in percent. Default 40. A fifth of it holds what waits for a commit:
    /// where a task writes more than that between two commits, a commit is asked for.
    /// </summary>
    [Range(5, 75)]
    public int WriteBufferPercent { get; set; } = 40;

    /// <summary>
    /// Tasks with persistent stores that the instance is to hold at most. Default 8. Before RocksDB 8.9 each gets an equal part of the memory for
    /// writes, so a number that is far too high makes many small files; later versions share the memory as needed.
    /// </summary>
    [Range(1, 10_000)]
    public int Tasks { get; set; } = 8;

    /// <summary>Size in bytes of the blocks that stores are read in. Default 4 KiB; Kafka Streams' own.</summary>
    [Range(1 << 10, 1 << 20)]
    public int BlockBytes { get; set; } = 4 << 10;

    /// <summary>
    /// Longest time that a commit stays in memory only. Default 30 s. After a crash what was not on disk is restored from the changelog; a quiet
    /// store whose position were never written would one day point before the changelog's start.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan FlushInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most writes that stay in memory only, and so the most to restore after a crash. Default 1,000,000.</summary>
    [Range(1_000, 1_000_000_000)]
    public long FlushWrites { get; set; } = 1_000_000;

    /// <summary>Files that all tasks together keep open. Default null: half of what the process may open. At least 16 for each task.</summary>
    [Range(64, int.MaxValue)]
    public int? OpenFilesMax { get; set; }

    /// <summary>How long opening waits for the previous owner of a task's state to close it. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan LockWait { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether each commit goes to RocksDB at once, and nothing waits for the next: for tests that are to read from there.</summary>
    internal bool WritesEachCommit { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var perTask = MemoryBytes * WriteBufferPercent / 100 / Tasks;
        if (perTask < 64 << 10)
        {
            yield return new(
                $"MemoryBytes ({MemoryBytes}) leaves {perTask} bytes for the writes of each of {Tasks} tasks; 65536 are needed. Raise MemoryBytes.",
                [nameof(MemoryBytes)]);
        }
    }
}
