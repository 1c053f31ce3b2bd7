using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using NodeAgent.Queue;
using Settings;
using TestKit;

namespace NodeAgent.Tests.Queue;

public sealed class QueueTests : IDisposable
{
    private const ulong Boot = 1;
    private readonly TempDirectory _root = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly RecordingLogger<DiskQueue> _log = new();

    private string Folder => _root.Combine("queue");

    public void Dispose() => _root.Dispose();

    [Fact]
    public void Records_come_back_in_order_numbered_from_one()
    {
        using var queue = Open();
        queue.Append(["a", "b"]);
        queue.Append(["c"]);

        Assert.Equal(["a", "b", "c"], queue.ReadAll().Select(record => record.Message));
        Assert.Equal([1UL, 2UL, 3UL], queue.ReadAll().Select(record => record.Position.Sequence));
    }

    [Fact]
    public void A_queue_opened_again_goes_on_in_its_epoch_with_its_positions()
    {
        ulong epoch;
        using (var queue = Open())
        {
            epoch = queue.Epoch;
            queue.Append(["a", "b"], Mark(position: 77));
        }

        using var again = Open();
        again.Append(["c"]);

        Assert.Equal(epoch, again.Epoch);
        Assert.Equal(["a", "b", "c"], again.ReadAll().Select(record => record.Message));
        Assert.Equal(Mark(position: 77), Assert.Single(again.Marks()));
    }

    // Whatever a kill leaves of the last segment: whole entries with their positions, and nothing of a half one.
    [Fact]
    public void Cut_at_any_byte_the_queue_holds_its_whole_entries_and_goes_on_after_them()
    {
        var ends = new List<long>();
        using (var queue = Open())
        {
            ends.Add(Segment().Length);
            for (var i = 0; i < 4; i++)
            {
                queue.Append([.. Enumerable.Range(0, i + 1).Select(n => $"{i}.{n}")], Mark(position: i + 1));
                ends.Add(Segment().Length);
            }
        }

        var source = Segment().FullName;
        var state = File.ReadAllBytes(Path.Combine(Folder, "state"));
        var bytes = File.ReadAllBytes(source);
        for (var cut = ends[0]; cut <= bytes.Length; cut++)
        {
            Reset(bytes.AsSpan(0, (int)cut).ToArray(), state);
            var entries = ends.Count(end => end <= cut) - 1;
            var records = Enumerable.Range(1, entries).Sum();

            using var queue = Open();
            queue.Append(["next"]);

            Assert.Equal(records + 1, queue.ReadAll().Count);
            Assert.Equal(ends.Contains(cut) ? (ulong)records + 1 : 1, queue.ReadAll()[^1].Position.Sequence);
            Assert.Equal(entries, queue.Marks().SingleOrDefault()?.Position ?? 0);
        }

        Assert.Empty(_log.Warnings);
    }

    [Fact]
    public void A_flipped_bit_anywhere_never_passes_for_a_record()
    {
        using (var queue = Open())
        {
            for (var i = 0; i < 4; i++)
                queue.Append([$"message {i}"], Mark(position: i + 1));
        }

        var state = File.ReadAllBytes(Path.Combine(Folder, "state"));
        var bytes = File.ReadAllBytes(Segment().FullName);
        string[] written = ["message 0", "message 1", "message 2", "message 3"];
        Prop.ForAll(Gen.Choose(0, bytes.Length * 8 - 1).ToArbitrary(), bit =>
        {
            var damaged = (byte[])bytes.Clone();
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Reset(damaged, state);

            using var queue = Open();
            var read = queue.ReadAll().Select(record => record.Message).ToArray();
            queue.Append(["next"]);
            var epochs = queue.ReadAll().Select(record => record.Position.Epoch).ToArray();

            // What is left is a prefix. Where whole records are gone, their numbers are not given again.
            return written.Take(read.Length).SequenceEqual(read)
                && queue.ReadAll()[^1].Message == "next"
                && (read.Length == 4 || epochs[^1] > epochs[0] || epochs.Length == 1);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [Fact]
    public void Damage_in_the_middle_is_set_aside_with_one_clear_error_and_a_new_epoch()
    {
        ulong epoch;
        long end;
        using (var queue = Open())
        {
            epoch = queue.Epoch;
            queue.Append(["kept"]);
            end = Segment().Length;
            queue.Append(["damaged"]);
            queue.Append(["behind"]);
        }

        Flip(Segment().FullName, end + 30);

        using var again = Open();
        again.Append(["next"]);

        Assert.Equal(["kept", "next"], again.ReadAll().Select(record => record.Message));
        Assert.True(again.Epoch > epoch);
        Assert.Contains($"damaged at byte {end}", Assert.Single(_log.Warnings));
        Assert.Single(Directory.GetFiles(Folder, "*.damaged"));
    }

    [Fact]
    public void Damage_that_appears_under_a_reader_costs_that_segments_rest_only()
    {
        using var queue = Open(segmentBytes: 16 << 10);
        var big = new string('x', 9000);
        for (var i = 0; i < 6; i++)
            queue.Append([$"{i}{big}"]);
        var second = QueueSegment.In(Folder)[1].Path;
        Flip(second, new FileInfo(second).Length - 10);

        var read = queue.ReadAll().Select(record => record.Message[0]).ToArray();

        Assert.Equal("01245", new string(read));
        Assert.Single(_log.Warnings);
    }

    [Fact]
    public void A_deleted_queue_starts_a_higher_epoch()
    {
        ulong first;
        using (var queue = Open())
            first = queue.Epoch;
        Directory.Delete(Folder, recursive: true);
        _time.Advance(TimeSpan.FromSeconds(1));

        using var again = Open();

        Assert.True(again.Epoch > first);
        Assert.Equal((ulong)_time.GetUtcNow().ToUnixTimeMilliseconds(), again.Epoch);
    }

    [Fact]
    public void A_power_cut_starts_a_new_epoch_and_what_was_queued_keeps_its_own()
    {
        ulong first;
        byte[] segment;
        byte[] state;
        using (var queue = Open())
        {
            first = queue.Epoch;
            queue.Append(["before"]);
            segment = ReadShared(Segment().FullName);
            state = ReadShared(Path.Combine(Folder, "state"));
        }

        Reset(segment, state);
        using var again = Open(boot: Boot + 1);
        again.Append(["after"]);

        Assert.Equal([first, first + 1], again.ReadAll().Select(record => record.Position.Epoch));
        Assert.Equal(first, again.EpochToShip);
        again.Acknowledge(first, 1);
        Assert.Equal(first + 1, again.EpochToShip);
        Assert.Equal(["after"], again.ReadAll().Select(record => record.Message));
    }

    [Fact]
    public void A_kill_keeps_the_epoch()
    {
        ulong first;
        byte[] segment;
        byte[] state;
        using (var queue = Open())
        {
            first = queue.Epoch;
            queue.Append(["before"]);
            segment = ReadShared(Segment().FullName);
            state = ReadShared(Path.Combine(Folder, "state"));
        }

        Reset(segment, state);
        using var again = Open();

        Assert.Equal(first, again.Epoch);
    }

    [Fact]
    public void Acknowledged_segments_are_deleted_and_what_is_acknowledged_is_not_read_again()
    {
        using (var queue = Open(segmentBytes: 16 << 10))
        {
            for (var i = 0; i < 100; i++)
                queue.Append([$"{i:D3}" + new string('x', 1000)]);
            Assert.True(QueueSegment.In(Folder).Count > 5);

            queue.Acknowledge(queue.Epoch, 95);

            Assert.True(QueueSegment.In(Folder).Count <= 2);
            Assert.Equal(5UL, queue.Waiting.Records);
        }

        using var again = Open(segmentBytes: 16 << 10);
        Assert.Equal(["095", "096", "097", "098", "099"], again.ReadAll().Select(record => record.Message[..3]));
    }

    [Theory]
    [InlineData(1, 1 << 20)]
    [InlineData(7, 1 << 20)]
    [InlineData(1000, 100)]
    [InlineData(1000, 2000)]
    public void Batches_keep_to_their_limits_and_miss_nothing(int recordsMax, int bytesMax)
    {
        using var queue = Open(segmentBytes: 16 << 10);
        var messages = Enumerable.Range(0, 500).Select(i => $"{i}" + new string('x', i % 300)).ToArray();
        foreach (var chunk in messages.Chunk(13))
            queue.Append(chunk);

        using var reader = queue.OpenReader();
        var batch = new QueueBatch();
        var count = 0;
        while (reader.TryRead(batch, recordsMax, bytesMax))
        {
            Assert.True(batch.Count <= recordsMax && (batch.Length <= bytesMax || batch.Count == 1));
            Assert.Equal((ulong)count + 1, batch.FirstSequence);
            count += batch.Count;
        }

        Assert.Equal(500, count);
        Assert.Equal(messages, queue.ReadAll(recordsMax, bytesMax).Select(record => record.Message));
    }

    [Fact]
    public void A_reader_that_has_caught_up_sees_what_comes_later()
    {
        using var queue = Open(segmentBytes: 16 << 10);
        using var reader = queue.OpenReader();
        var batch = new QueueBatch();
        for (ulong i = 1; i <= 100; i++)
        {
            Assert.False(reader.TryRead(batch, 10, 1 << 20));
            var added = queue.Added.Arm();
            queue.Append([new string('x', 1000)]);
            Assert.True(added.IsCompleted);
            Assert.True(reader.TryRead(batch, 10, 1 << 20));
            Assert.Equal((i, i), (batch.FirstSequence, batch.LastSequence));
        }
    }

    [Fact]
    public void Two_agents_cannot_have_one_folder()
    {
        using var queue = Open();

        var error = Assert.Throws<SetupException>(() => Open());

        Assert.Contains("in use by another agent", error.Message);
        Assert.Contains(Folder, error.Message);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_a_clear_error()
    {
        File.WriteAllText(Folder, "a file is in the way");

        var error = Assert.Throws<SetupException>(() => Open());

        Assert.Contains(Folder, error.Message);
    }

    [Fact]
    public void Heartbeat_numbers_are_never_given_twice()
    {
        ulong last;
        using (var queue = Open())
            last = queue.ReserveHeartbeats(16) + 16;

        using var again = Open();

        Assert.True(again.ReserveHeartbeats(16) >= last);
    }

    private static FileMark Mark(long position) =>
        new(3, "/var/log/app.log", new FileIdentity(8, 1234), new Fingerprint(1024, 5, 6), position, MidLine: true);

    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        file.Position = at;
        var before = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(before ^ 1));
    }

    private void Reset(byte[] segment, byte[] state)
    {
        foreach (var file in Directory.GetFiles(Folder))
            File.Delete(file);
        File.WriteAllBytes(QueueSegment.PathOf(Folder, 1), segment);
        File.WriteAllBytes(Path.Combine(Folder, "state"), state);
    }

    private FileInfo Segment() => new(QueueSegment.In(Folder)[^1].Path);

    private DiskQueue Open(int segmentBytes = 16 << 20, ulong boot = Boot) =>
        DiskQueue.Open(Folder, new QueueOptions { SegmentBytes = segmentBytes }, _time, _log, boot);
}
