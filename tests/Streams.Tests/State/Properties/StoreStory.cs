using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Streams.State;
using Xunit.Sdk;

namespace Streams.Tests.State;

/// <summary>What a reference model is told beside the changes that go to the store itself.</summary>
internal interface IStoreModel : IStateStore
{
    /// <summary>What waited in the cache is written, and lasts.</summary>
    void Committed();

    /// <summary>The store was closed and opened again: on disk it goes on with what it had, in memory from its changelog.</summary>
    void Reopened();

    /// <summary>The store was filled from its changelog alone.</summary>
    void Restored();
}

/// <summary>One step of a story: what to do, and to what, as far as it matters there.</summary>
/// <param name="Kind">What to do: the store's teller knows the kinds below <see cref="StoreStory{TStore}.Kinds"/>.</param>
/// <param name="Key">A key.</param>
/// <param name="OtherKey">Another bound, which may lie before the key; null where the key's number is odd.</param>
/// <param name="At">A time.</param>
/// <param name="Until">Another time, which may lie before the first.</param>
/// <param name="Value">A value; null for none.</param>
/// <param name="Now">The latest time so far.</param>
internal readonly record struct Step(int Kind, string Key, string? OtherKey, long At, long Until, string? Value, long Now);

/// <summary>
/// Any story of a store: told to the store and to a plain model of it alike, both have to answer every step with the same words, and a store that is
/// filled from the changelog at the end has to answer as the one that lived through it.
/// </summary>
/// <param name="open">Makes the store.</param>
/// <param name="model">Makes its model.</param>
/// <param name="tell">Tells either a step, and says what was told and what the answer was.</param>
/// <param name="everything">All that the store can say at the end.</param>
internal sealed class StoreStory<TStore>(
    Func<StoreHome> open, Func<TStore> model, Func<TStore, Step, string> tell, Func<TStore, string> everything)
    where TStore : IStateStore
{
    /// <summary>So many kinds of steps are told to the store; the others are about its task.</summary>
    public const int Kinds = 28;

    private static readonly string[] _keys = ["", "a", "aa", "ab", "b", "ba"];

    /// <summary>Whether the changelog may have been compacted when the store is filled from it: not where what is read counts, too.</summary>
    public bool Compacts { get; init; } = true;

    /// <summary>Whether changes may be lost that no commit saw: not of a cache, which holds them back from the changelog, too.</summary>
    public bool Crashes { get; init; } = true;

    /// <summary>Tells so many stories, drawn at random. A failure says the seed, and the shortest story with that failure.</summary>
    public void HoldsFor(int stories) =>
        Prop.ForAll<(byte Kind, byte Key, byte Time, byte Value)[]>(Tell).Check(Config.QuickThrowOnFailure.WithMaxTest(stories));

    private bool Tell((byte Kind, byte Key, byte Time, byte Value)[] drawn)
    {
        using var home = open();
        var expected = model();
        var told = new StringBuilder();
        foreach (var step in Steps(drawn))
        {
            home.Now = step.At;
            if (step.Kind < Kinds)
                Compare(told, tell((TStore)home.Store, step), tell(expected, step));
            else
                told.AppendLine(Happens(step, home, (IStoreModel)expected));
        }

        Compare(told, everything((TStore)home.Store), everything(expected));
        home.Commit();
        ((IStoreModel)expected).Committed();
        home.Move(compacted: false);
        ((IStoreModel)expected).Restored();
        told.AppendLine("restored");
        Compare(told, everything((TStore)home.Store), everything(expected));
        return true;
    }

    private string Happens(Step step, StoreHome home, IStoreModel expected)
    {
        var crash = Crashes && step is { Kind: Kinds + 2, Value: null };
        if (!crash)
        {
            home.Commit();
            expected.Committed();
        }

        switch (step.Kind)
        {
            case Kinds + 2:
                home.Reopen();
                expected.Reopened();
                return crash ? "killed and reopened" : "reopened";
            case Kinds + 3:
                var compacted = Compacts && step.Value is null;
                home.Move(compacted);
                expected.Restored();
                return compacted ? "restored, compacted" : "restored";
            default:
                return "committed";
        }
    }

    private static void Compare(StringBuilder told, string actual, string expected)
    {
        if (actual != expected)
            throw new XunitException($"The store and its model differ.\n{told}expected: {expected}\nbut was:  {actual}");
        told.AppendLine(actual);
    }

    /// <summary>Time goes on by seconds, now and then by more, and steps are about now or up to two minutes before.</summary>
    private static IEnumerable<Step> Steps((byte Kind, byte Key, byte Time, byte Value)[] drawn)
    {
        var now = 0L;
        for (var i = 0; i < drawn.Length; i++)
        {
            var (kind, key, time, value) = drawn[i];
            now += (time % 16) switch { < 8 => 0, 15 => 70_000, var seconds => seconds * 500 };
            var at = Math.Max(0, now - (time / 16 * 8_000));
            var until = at + (((value % 16) - 3) * 8_000);
            yield return new(
                kind % (Kinds + 4),
                _keys[key % _keys.Length],
                key % 7 == 0 ? null : _keys[key / 7 % _keys.Length],
                at,
                until,
                value % 5 == 0 ? null : i.ToString(CultureInfo.InvariantCulture),
                now);
        }
    }
}

/// <summary>Answers as words.</summary>
internal static class Words
{
    public static string Of<T>(IEnumerable<T> rows) => "[" + string.Join(", ", rows.Select(row => Of(row))) + "]";

    public static string Of<T>(T row) => row switch
    {
        null => "nothing",
        KeyValue<Windowed<string>, string> windowed => $"{windowed.Key}={windowed.Value}",
        KeyValue<Windowed<string>, ValueAndTimestamp<string>> windowed => $"{windowed.Key}={Of(windowed.Value)}",
        KeyValue<string, ValueAndTimestamp<string>> entry => $"{entry.Key}={Of(entry.Value)}",
        KeyValue<long, ValueAndTimestamp<string>> entry => $"{entry.Key}={Of(entry.Value)}",
        KeyValue<string, string> entry => $"{entry.Key}={entry.Value}",
        KeyValue<long, string> entry => $"{entry.Key}={entry.Value}",
        ValueAndTimestamp<string> value => $"{value.Value}@{value.Timestamp}",
        VersionedRecord<string> version => $"{version.Value}@{version.Timestamp}{(version.ValidTo is { } to ? $"..{to}" : "")}",
        _ => row.ToString()!,
    };
}
