using FsCheck;
using FsCheck.Fluent;
using Monitor.Pipeline;
using Monitor.State;

namespace Monitor.Tests.Pipeline;

public sealed class SenderHistoryTests
{
    [Fact]
    public void What_a_sender_repeats_is_told_from_what_is_read_again()
    {
        var history = new SenderHistory();
        history.See(1, 5, partition: 0, offset: 100);

        Assert.Equal(SightingKind.ReadAgain, history.See(1, 5, 0, 100).Kind);
        Assert.Equal(SightingKind.Repeated, history.See(1, 5, 0, 101).Kind);
        Assert.Equal(SightingKind.New, history.See(1, 6, 0, 102).Kind);
    }

    [Fact]
    public void Holes_are_counted_and_what_fills_them_is_not_dropped()
    {
        var history = new SenderHistory();
        history.See(1, 1, 0, 0);

        Assert.Equal(new Sighting(SightingKind.New, 3), history.See(1, 5, 0, 1));
        Assert.Equal(SightingKind.Late, history.See(1, 3, 0, 2).Kind);
        Assert.Equal(SightingKind.Late, history.See(1, 2, 0, 3).Kind);
        Assert.Equal(SightingKind.Late, history.See(1, 4, 0, 4).Kind);
        Assert.Equal(SightingKind.Repeated, history.See(1, 3, 0, 5).Kind);
    }

    [Fact]
    public void A_new_epoch_begins_anew_and_an_old_one_is_remembered()
    {
        var history = new SenderHistory();
        history.See(1, 9, 0, 0);

        Assert.Equal(SightingKind.New, history.See(2, 1, 0, 1).Kind);
        Assert.Equal(SightingKind.Repeated, history.See(1, 9, 0, 2).Kind);
        Assert.Equal(SightingKind.New, history.See(1, 10, 0, 3).Kind);
    }

    [Fact]
    public void Memory_is_bounded()
    {
        var history = new SenderHistory();
        for (var i = 0; i < 1_000; i++)
        {
            history.See((ulong)i, 1, 0, i * 1000L);
            for (var gap = 1; gap < 200; gap++)
                history.See((ulong)i, (ulong)(gap * 10), 0, (i * 1000L) + gap);
        }

        var kept = history.Keep();
        Assert.Equal(SenderHistory.EpochsMax, kept.Epochs.Count);
        Assert.All(kept.Epochs, e => Assert.Equal(SenderHistory.GapsMax, e.Missing.Count));
    }

    // The promise, by simulation: whatever the sender repeats and wherever a crash falls between state and offsets, every record's
    // outputs come out, and no record is passed twice but for what a crash made uncertain.
    [Fact]
    public void Wherever_a_crash_falls_nothing_is_lost_and_only_what_was_uncertain_repeats() =>
        Prop.ForAll(Runs(), run =>
        {
            var (input, committed, restored, crash) = run;
            // Up to the crash: records before `committed` have their outputs out and their offsets committed; records before `restored` are in
            // the state that comes back; those after are gone as if never processed.
            var before = new SenderHistory();
            SeenRecords kept = before.Keep();
            var passed = new List<ulong>();
            for (var offset = 0; offset < crash; offset++)
            {
                if (offset == restored)
                    kept = before.Keep();
                var sighting = before.See(1, input[offset], 0, offset);
                if (offset < committed && sighting.Kind != SightingKind.Repeated)
                    passed.Add(input[offset]);
            }

            if (restored == crash)
                kept = before.Keep();

            var after = new SenderHistory(SeenRecords.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(kept)));
            for (var offset = committed; offset < input.Length; offset++)
            {
                if (after.See(1, input[offset], 0, offset).Kind != SightingKind.Repeated)
                    passed.Add(input[offset]);
            }

            var uncertain = input[committed..crash].ToHashSet();
            var lost = input.Except(passed).ToList();
            var doubled = passed.GroupBy(s => s).Where(g => g.Count() > 1 && !uncertain.Contains(g.Key)).Select(g => g.Key).ToList();
            return (lost.Count == 0 && doubled.Count == 0)
                .Label($"lost [{string.Join(' ', lost)}] doubled [{string.Join(' ', doubled)}] of [{string.Join(' ', input)}], committed {committed}, restored {restored}, crash {crash}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    // A sender's records in order, with runs of them sent again, and now and then one that comes late.
    private static Arbitrary<(ulong[] Input, int Committed, int Restored, int Crash)> Runs() =>
        (from steps in Gen.Choose(0, 9).ArrayOf(40)
         from length in Gen.Choose(1, 40)
         from crash in Gen.Choose(0, length)
         from restored in Gen.Choose(0, crash)
         from committed in Gen.Choose(0, restored)
         select (Input(steps)[..length], committed, restored, crash)).ToArbitrary();

    private static ulong[] Input(int[] steps)
    {
        var input = new List<ulong>();
        var next = 1UL;
        foreach (var step in steps)
        {
            switch (step)
            {
                case 0 or 1 when next > 3:
                    next -= 3;
                    break;
                case 2:
                    input.Add(next + 1);
                    break;
            }

            input.Add(next++);
        }

        return [.. input];
    }
}
