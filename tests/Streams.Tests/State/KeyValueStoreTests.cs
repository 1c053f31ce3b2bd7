using FsCheck;
using FsCheck.Fluent;
using Streams.Processing;
using Streams.Runtime;
using Streams.State;
using Streams.TestKit;

namespace Streams.Tests.State;

/// <summary>A key-value store against a sorted dictionary, over any sequence of changes.</summary>
public sealed class KeyValueStoreTests
{
    [Fact]
    public void Any_changes_leave_what_a_sorted_dictionary_holds() =>
        Prop.ForAll<(byte Key, int? Value)[]>(changes =>
        {
            var (store, _) = Open();
            var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
            for (var i = 0; i < changes.Length; i++)
            {
                // The order is asked for at some point, so that it is both built and kept up.
                if (i == changes.Length / 2)
                    _ = store.All();
                Change(store, model, changes[i]);
            }

            var (from, to) = ("k" + (char)('a' + 3), "k" + (char)('a' + 9));
            var within = model.Where(e => string.CompareOrdinal(e.Key, from) >= 0 && string.CompareOrdinal(e.Key, to) <= 0).ToList();
            return store.Count == model.Count
                && Pairs(store.All()).SequenceEqual(model)
                && Pairs(store.ReverseAll()).SequenceEqual(model.Reverse())
                && Pairs(store.Range(from, to)).SequenceEqual(within)
                && model.All(e => store.TryGet(e.Key, out var value) && value == e.Value);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Any_changes_can_be_restored_from_their_changelog() =>
        Prop.ForAll<(byte Key, int? Value)[]>(changes =>
        {
            var (store, producer) = Open();
            foreach (var change in changes)
                Change(store, [], change);

            var (restored, _) = Open();
            while (producer.Topic("app-store-changelog").TryTake(out var logged))
                restored.Restore(logged.Key!.Value.Span, logged.Value is { } value ? value.Span : default, logged.Value is not null, logged.Timestamp);
            return restored.All().SequenceEqual(store.All());
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_store_can_be_changed_while_it_is_listed()
    {
        var (store, _) = Open();
        store.Put("a", "1");
        store.Put("b", "2");

        foreach (var (key, _) in store.All())
            store.Delete(key);

        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void A_key_class_without_equality_is_found_by_its_bytes()
    {
        var store = new InMemoryKeyValueStore<Plate, string>(new("store", Serdes.Json<Plate>(), new PlainValue<string>(Serdes.String)));
        store.Init(new StateStoreContext(Context(new DriverProducer()), null));
        store.Put(new Plate { Number = "B-7" }, "blue");

        Assert.Equal("blue", ((IReadOnlyKeyValueStore<Plate, string>)store).Get(new Plate { Number = "B-7" }));
    }

    private static void Change(InMemoryKeyValueStore<string, string> store, SortedDictionary<string, string> model, (byte Key, int? Value) change)
    {
        var key = "k" + (char)('a' + (change.Key % 16));
        if (change.Value is { } value)
        {
            store.Put(key, $"{value}");
            model[key] = $"{value}";
        }
        else
        {
            store.Delete(key);
            model.Remove(key);
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Pairs(IEnumerable<KeyValue<string, string>> entries) =>
        entries.Select(e => KeyValuePair.Create(e.Key, e.Value));

    private static (InMemoryKeyValueStore<string, string> Store, DriverProducer Producer) Open()
    {
        var producer = new DriverProducer();
        var store = new InMemoryKeyValueStore<string, string>(new("store", Serdes.String, new PlainValue<string>(Serdes.String)));
        var context = Context(producer);
        store.Init(new StateStoreContext(context, new Changelog("app-store-changelog", context)));
        return (store, producer);
    }

    private static TaskContext Context(DriverProducer producer) => new(
        new(0, 0), "app", new RecordCollector(producer, null, TimeProvider.System, CancellationToken.None),
        new RecordErrors(new StreamConfig { ApplicationId = "app" }, static _ => { }, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance), TimeProvider.System)
    {
        Timestamp = 0,
    };

    private sealed class Plate
    {
        public string Number { get; set; } = "";
    }
}
