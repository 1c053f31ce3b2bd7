using FsCheck;
using FsCheck.Fluent;
using Streams.TestKit;

namespace Streams.Tests.State;

/// <summary>A window store against a plain list, over any sequence of puts.</summary>
public sealed class WindowStoreTests
{
    private const long Retention = 50;

    [Fact]
    public void Any_puts_leave_what_retention_allows() =>
        Prop.ForAll<(byte Key, byte Start, int? Value)[]>(puts =>
        {
            using var driver = Driver();
            var store = driver.GetWindowStore<string, string>("windows");
            var model = new SortedDictionary<(long Start, string Key), string>();
            var latest = long.MinValue;
            foreach (var (keyByte, start, value) in puts)
            {
                var key = $"k{keyByte % 4}";
                latest = Math.Max(latest, start);
                store.Put(key, value is { } number ? $"{number}" : null!, start);
                foreach (var expired in model.Keys.Where(k => k.Start <= latest - Retention).ToList())
                    model.Remove(expired);
                if (start <= latest - Retention)
                    continue;

                if (value is { } kept)
                    model[(start, key)] = $"{kept}";
                else
                    model.Remove((start, key));
            }

            return store.All().Select(e => (e.Key.Window.StartMs, e.Key.Key, e.Value)).SequenceEqual(model.Select(e => (e.Key.Start, e.Key.Key, e.Value)))
                && store.Fetch("k1", 20, 60).Select(e => (e.Key, e.Value)).SequenceEqual(
                    model.Where(e => e.Key.Key == "k1" && e.Key.Start is >= 20 and <= 60).Select(e => (e.Key.Start, e.Value)))
                && model.All(e => store.TryFetch(e.Key.Key, e.Key.Start, out var found) && found == e.Value);
        }).QuickCheckThrowOnFailure();

    private static TopologyTestDriver Driver()
    {
        var builder = new StreamBuilder();
        builder.AddStateStore(Stores.Window(
            "windows", Serdes.String, Serdes.String, TimeSpan.FromMilliseconds(Retention), TimeSpan.FromMilliseconds(10)));
        builder.Stream<string, string>("in").Process(() => new Idle(), stores: ["windows"]);
        return new(builder.Build());
    }

    private sealed class Idle : Processor<string, string>
    {
        public override void Process(in Record<string, string> record)
        {
        }
    }
}
