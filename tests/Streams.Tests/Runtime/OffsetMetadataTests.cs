using FsCheck;
using FsCheck.Fluent;
using Streams.Processing;
using Streams.Runtime;

namespace Streams.Tests.Runtime;

/// <summary>What is kept beside a committed offset, byte for byte as Kafka Streams keeps it.</summary>
public sealed class OffsetMetadataTests
{
    private static readonly byte[] _timeAlone = [2, 0, 0, 0, 0, 0, 0, 3, 232];
    private static readonly byte[] _timeAndStore =
        [.. _timeAlone, 0, 0, 0, 1, 0, 0, 0, 5, .. "store"u8, 0, 0, 0, 0, 0, 0, 1, 244];

    [Fact]
    public void The_time_stands_behind_a_version()
    {
        Assert.Equal(Convert.ToBase64String(_timeAlone), OffsetMetadata.Encode(1_000, new()));

        Assert.True(OffsetMetadata.TryDecode(Convert.ToBase64String(_timeAlone), out var time, new(), out _));
        Assert.Equal(1_000, time);
    }

    [Fact]
    public void What_processors_keep_stands_behind_the_time()
    {
        var kept = new ProcessorMetadata();
        kept.Raise("store", 500);
        Assert.Equal(Convert.ToBase64String(_timeAndStore), OffsetMetadata.Encode(1_000, kept));

        var read = new ProcessorMetadata();
        Assert.True(OffsetMetadata.TryDecode(Convert.ToBase64String(_timeAndStore), out var time, read, out _));
        Assert.Equal((1_000, 500), (time, read["store"]));
    }

    [Fact]
    public void The_first_version_has_the_time_alone()
    {
        byte[] first = [1, .. _timeAlone[1..]];

        Assert.True(OffsetMetadata.TryDecode(Convert.ToBase64String(first), out var time, new(), out _));
        Assert.Equal(1_000, time);
    }

    [Fact]
    public void A_commit_without_metadata_has_no_time_and_no_problem()
    {
        Assert.True(OffsetMetadata.TryDecode("", out var time, new(), out var problem));
        Assert.Equal((-1, null), (time, problem));
    }

    [Fact]
    public void Any_metadata_can_be_read_back() =>
        Prop.ForAll<long, (string? Key, long Value)[]>((time, entries) =>
        {
            var (kept, read) = (new ProcessorMetadata(), new ProcessorMetadata());
            foreach (var (key, value) in entries)
                kept.Raise(string.Concat((key ?? "").Where(c => !char.IsSurrogate(c))), value);

            return OffsetMetadata.TryDecode(OffsetMetadata.Encode(time, kept), out var timeRead, read, out _)
                && timeRead == time && read.Entries.OrderBy(e => e.Key, StringComparer.Ordinal).SequenceEqual(kept.Entries.OrderBy(e => e.Key, StringComparer.Ordinal));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_two_partitions_the_later_time_counts()
    {
        var read = new ProcessorMetadata();
        foreach (var value in new[] { 300, 500, 400 })
        {
            var kept = new ProcessorMetadata();
            kept.Raise("store", value);
            OffsetMetadata.TryDecode(OffsetMetadata.Encode(0, kept), out _, read, out _);
        }

        Assert.Equal(500, read["store"]);
    }

    [Theory]
    [InlineData("not Base64 at all", "Base64")]
    [InlineData("AwAAAAAAAAAB", "version is 3")]
    [InlineData("AgAA", "3 bytes")]
    public void Something_else_is_told_and_has_no_time(string metadata, string problem)
    {
        Assert.False(OffsetMetadata.TryDecode(metadata, out var time, new(), out var told));
        Assert.Equal(-1, time);
        Assert.Contains(problem, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_cut_short_anywhere_behind_the_time_keeps_the_time_alone()
    {
        for (var length = _timeAlone.Length + 1; length < _timeAndStore.Length; length++)
        {
            var read = new ProcessorMetadata();
            Assert.False(OffsetMetadata.TryDecode(Convert.ToBase64String(_timeAndStore, 0, length), out var time, read, out _));
            Assert.Equal(1_000, time);
            Assert.Empty(read.Entries);
        }
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_and_never_thrown_at() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var garbled = Convert.ToBase64String([2, 0, 0, 0, 0, 0, 0, 0, 0, .. bytes]);
            return OffsetMetadata.TryDecode(garbled, out _, new(), out var problem) == (problem is null);
        }).QuickCheckThrowOnFailure();
}
