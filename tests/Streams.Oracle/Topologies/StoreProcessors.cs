using System.Globalization;
using System.Text;

namespace Streams.Oracle.Topologies;

/// <summary>Processors that keep windows, sessions, versions or the latest keys by hand.</summary>
internal static class StoreProcessors
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("versioned-store", "history=60000", "in: puts into versioned store (null deletes); forwards valid-to of the put, or not-put → out", VersionedPut),
        new("versioned-as-of", "history=60000", "put: into store; ask (value = timestamp): get(key, timestamp) → out", VersionedAsOf),
        new("window-store-fetch", "size=10000 retention=60000 duplicates=off",
            "in: put at the record's timestamp into a timestamped window store, then forwards all of the key's values within size before → out", WindowFetch),
        new("session-store", "gap=10000 retention=60000", "in: sessions kept by hand in a session store (findSessions, remove, put) → out", Sessions),
        new("lru-store", "max=3", "in: put into an LRU store; forwards the number of entries → out", LruMap),
    ];

    private static StoreBuilder Versioned(Scene s)
    {
        s.Stores.AddVersioned("store", d => d.GetVersionedKeyValueStore<string, string>("store"));
        return Stores.Versioned("store", Serdes.String, Serdes.String, s.Options.Ms("history", 60_000));
    }

    private static void VersionedPut(Scene s)
    {
        s.Builder.AddStateStore(Versioned(s));
        s.Sink(s.Stream("in").Process(() => new PutVersion(), stores: ["store"]), "out");
    }

    private static void VersionedAsOf(Scene s)
    {
        s.Builder.AddStateStore(Versioned(s));
        s.Stream("put").Process(() => new KeepVersion(), stores: ["store"]);
        s.Sink(s.Stream("ask", InputKind.Number).Process(() => new AskVersion(), stores: ["store"]), "out");
    }

    private static void WindowFetch(Scene s)
    {
        var size = s.Options.Ms("size", 10_000);
        s.Stores.AddWindow("store", d => d.GetTimestampedWindowStore<string, string>("store"));
        s.Builder.AddStateStore(Stores.TimestampedWindow(
            "store", Serdes.String, Serdes.String, s.Options.Ms("retention", 60_000), size, s.Options.On("duplicates", false)));
        s.Sink(s.Stream("in").Process(() => new FetchBefore((long)size.TotalMilliseconds), stores: ["store"]), "out");
    }

    private static void Sessions(Scene s)
    {
        var gap = s.Options.Number("gap", 10_000);
        s.Stores.AddSession("store", d => d.GetSessionStore<string, string>("store"));
        s.Builder.AddStateStore(Stores.Session("store", Serdes.String, Serdes.String, s.Options.Ms("retention", 60_000)));
        s.Output("out", Serdes.SessionWindowed(Serdes.String), Serdes.String);
        s.Stream("in").Process(() => new MergeSessions(gap), stores: ["store"])
            .To("out", Produced.With(Serdes.SessionWindowed(Serdes.String), Serdes.String));
    }

    private static void LruMap(Scene s)
    {
        s.Stores.AddKeyValue("store", d => d.GetKeyValueStore<string, string>("store"));
        s.Builder.AddStateStore(Stores.LruMap("store", (int)s.Options.Number("max", 3), Serdes.String, Serdes.String));
        s.Sink(s.Stream("in").Process(() => new CountKept(), stores: ["store"]), "out");
    }

    private static string Time(long time) => time.ToString(CultureInfo.InvariantCulture);

    private sealed class PutVersion : Processor<string, string, string, string>
    {
        private IVersionedKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IVersionedKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            var validTo = _store.Put(record.Key, record.Value, record.Timestamp);
            Context.Forward(record.WithValue(validTo switch
            {
                VersionedStore.ValidToUndefined => "open",
                VersionedStore.NotPut => "not-put",
                _ => Time(validTo),
            }));
        }
    }

    private sealed class KeepVersion : Processor<string, string, string, string>
    {
        private IVersionedKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IVersionedKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (record.HasKey)
                _store.Put(record.Key, record.Value, record.Timestamp);
        }
    }

    private sealed class AskVersion : Processor<string, string, string, string>
    {
        private IVersionedKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IVersionedKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            var version = record.HasValue ? _store.Get(record.Key, Texts.Number(record.Value)) : _store.Get(record.Key);
            Context.Forward(record.WithValue(
                version is { } v ? $"{v.Value}@{Time(v.Timestamp)}-{(v.ValidTo is { } end ? Time(end) : "open")}" : null!));
        }
    }

    private sealed class FetchBefore(long size) : Processor<string, string, string, string>
    {
        private ITimestampedWindowStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<ITimestampedWindowStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            _store.Put(record.Key, new(record.Value, record.Timestamp), record.Timestamp);
            var found = new StringBuilder("[");
            foreach (var (start, value) in _store.Fetch(record.Key, record.Timestamp - size, record.Timestamp))
                found.Append(value.Value).Append('@').Append(Time(start)).Append(',');
            Context.Forward(record.WithValue(found.ToString()));
        }
    }

    private sealed class MergeSessions(long gap) : Processor<string, string, Windowed<string>, string>
    {
        private ISessionStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<ISessionStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey || !record.HasValue)
                return;

            var (start, end) = (record.Timestamp, record.Timestamp);
            var value = new StringBuilder();
            foreach (var (session, text) in _store.FindSessions(record.Key, record.Timestamp - gap, record.Timestamp + gap))
            {
                _store.Remove(session);
                start = Math.Min(start, session.Window.StartMs);
                end = Math.Max(end, session.Window.EndMs);
                value.Append(text).Append('+');
            }

            var merged = new Windowed<string>(record.Key, new(start, end));
            _store.Put(merged, value.Append(record.Value).ToString());
            Context.Forward(new(merged, value.ToString(), end));
        }
    }

    private sealed class CountKept : Processor<string, string, string, long>
    {
        private IKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            _store.Put(record.Key, record.Value);
            Context.Forward(record.WithValue(_store.Count));
        }
    }
}
