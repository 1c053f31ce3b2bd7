namespace Streams.Oracle.Topologies;

/// <summary>Processors with stores and punctuations of their own.</summary>
internal static class Processors
{
    public static IEnumerable<TopologySpec> All =>
    [
        new("stream-time-punctuator", "interval=10000", "in: count per key in store; every interval of stream time forward all counts, then delete → out",
            s => Sweep(s, PunctuationType.StreamTime)),
        new("wall-clock-punctuator", "interval=10000", "the same by wall clock", s => Sweep(s, PunctuationType.WallClockTime)),
        new("punctuator-trace", "interval=10000 type=stream/wall cancel=3", "in: forwards tick→ punctuation time to out at each punctuation; cancelled after so many", Trace),
        new("processor-store", "logging=on", "in: running total of numbers in a key value store, forwarded with the record's timestamp → out", ProcessorStore),
        new("timestamped-store", "", "in: timestamped key value store: keeps the value of the greatest timestamp; forwards previous value@ts → out", TimestampedStore),
        new("dedup", "within=10000 retention=(2*within)", "in: drops a key+value seen within ms before or after, by a window store → out", Dedup),
        new("store-ranges", "", "in: put into store; the value FROM..TO is not put: forwards range(FROM, TO) instead → out",
            s => Run(s, s.PlainKeyValue("store", Serdes.String), () => new Ranges(), InputKind.Range)),
        new("forward-children", "", "in: a processor with two named children: a… → only left, b… → only right, else both → out-left, out-right", ForwardChildren),
        new("change-timestamp", "", "in: process forwards each number n in the value `n:text` as the timestamp, with the text → out",
            s => s.Sink(s.Stream("in", InputKind.Timed).Process(() => new TimestampFromValue()), "out")),
        new("papi", "", "the topology's own calls alone: AddSource, AddProcessor (upper), AddStateStore, AddSink", Papi),
        new("global-store", "", "addGlobalStore from topic global (value in upper case into store); in: looks the key up → out", GlobalStore),
    ];

    private static void Sweep(Scene s, PunctuationType type)
    {
        s.WatchesWallClock = type == PunctuationType.WallClockTime;
        var interval = s.Options.Ms("interval", 10_000);
        s.Builder.AddStateStore(s.PlainKeyValue("store", Serdes.Int64));
        s.Sink(s.Stream("in").Process(() => new Sweeper(interval, type), stores: ["store"]), "out");
    }

    private static void Trace(Scene s)
    {
        var type = s.Options.Choice("type", "stream", "wall") == "wall" ? PunctuationType.WallClockTime : PunctuationType.StreamTime;
        s.WatchesWallClock = type == PunctuationType.WallClockTime;
        var (interval, cancel) = (s.Options.Ms("interval", 10_000), s.Options.Number("cancel", 3));
        s.Sink(s.Stream("in").Process(() => new Ticker(interval, type, cancel)), "out");
    }

    private static void ProcessorStore(Scene s)
    {
        var store = s.PlainKeyValue<long?>("store", Serdes.Nullable(Serdes.Int64));
        s.Builder.AddStateStore(s.Options.On("logging", true) ? store : store.WithLoggingDisabled());
        s.Sink(s.Stream("in", InputKind.Number).Process(() => new RunningTotal(), stores: ["store"]), "out");
    }

    private static void TimestampedStore(Scene s)
    {
        s.Stores.AddKeyValue("store", d => d.GetTimestampedKeyValueStore<string, string>("store"));
        Run(s, Stores.TimestampedKeyValue("store", Serdes.String, Serdes.String), () => new LatestByTime());
    }

    private static void Dedup(Scene s)
    {
        var within = s.Options.Ms("within", 10_000);
        var withinMs = (long)within.TotalMilliseconds;
        s.Stores.AddWindow("store", d => d.GetWindowStore<string, long>("store"));
        Run(s, Stores.Window("store", Serdes.String, Serdes.Int64, s.Options.Ms("retention", 2 * withinMs), within), () => new DropSeen(withinMs));
    }

    private static void Run(
        Scene s, StoreBuilder store, Func<Processor<string, string, string, string>> processor, InputKind kind = InputKind.Text)
    {
        s.Builder.AddStateStore(store);
        s.Sink(s.Stream("in", kind).Process(processor, stores: ["store"]), "out");
    }

    private static void ForwardChildren(Scene s)
    {
        var chosen = s.Stream("in").Process(() => new Chooser(), "chooser");
        s.Sink(chosen.MapValues(v => $"L{Texts.OrNull(v)}", "left"), "out-left");
        s.Sink(chosen.MapValues(v => $"R{Texts.OrNull(v)}", "right"), "out-right");
    }

    private static void Papi(Scene s)
    {
        s.Input("in");
        s.Output("out", Serdes.String, Serdes.String);
        s.Made = new Topology()
            .AddSource("source", Serdes.String, Serdes.String, "in")
            .AddProcessor("upper", () => new KeepAndUpper(), "source")
            .AddStateStore(s.PlainKeyValue("store", Serdes.String), "upper")
            .AddSink("sink", "out", Serdes.String, Serdes.String, "upper");
    }

    private static void GlobalStore(Scene s)
    {
        s.Input("global");
        s.Builder.AddGlobalStore<string, string>(s.PlainKeyValue("store", Serdes.String), "global", () => new KeepUpper());
        s.Sink(s.Stream("in").Process(() => new LookUp()), "out");
    }

    private sealed class Sweeper(TimeSpan interval, PunctuationType type) : Processor<string, string, string, long>
    {
        private IKeyValueStore<string, long> _store = null!;

        public override void Init()
        {
            _store = Context.GetStateStore<IKeyValueStore<string, long>>("store");
            Context.Schedule(interval, type, time =>
            {
                foreach (var (key, value) in _store.All())
                {
                    Context.Forward(new(key, value, time));
                    _store.Delete(key);
                }
            });
        }

        public override void Process(in Record<string, string> record)
        {
            if (record.HasKey)
                _store.Put(record.Key, _store.Get(record.Key) + 1);
        }
    }

    private sealed class Ticker(TimeSpan interval, PunctuationType type, long cancel) : Processor<string, string, string, string>
    {
        public override void Init()
        {
            var ticks = 0;
            Punctuation? punctuation = null;
            punctuation = Context.Schedule(interval, type, time =>
            {
                ticks++;
                Context.Forward(new("tick", $"{time}/{Context.StreamTime}", time));
                if (ticks >= cancel)
                    punctuation!.Dispose();
            });
        }

        public override void Process(in Record<string, string> record) => Context.Forward(in record);
    }

    private sealed class RunningTotal : Processor<string, string, string, long?>
    {
        private IKeyValueStore<string, long?> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, long?>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            var old = _store.Get(record.Key);
            if (!record.HasValue || !Texts.IsNumber(record.Value))
            {
                _store.Delete(record.Key);
                Context.Forward(record.WithValue(old));
                return;
            }

            var total = (old ?? 0) + Texts.Number(record.Value);
            _store.Put(record.Key, total);
            Context.Forward(record.WithValue<long?>(total));
        }
    }

    private sealed class LatestByTime : Processor<string, string, string, string>
    {
        private ITimestampedKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<ITimestampedKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            var found = _store.TryGet(record.Key, out var old);
            if (!found || record.Timestamp >= old.Timestamp)
                _store.Put(record.Key, new(record.Value, record.Timestamp));
            Context.Forward(record.WithValue(found ? $"{old.Value}@{old.Timestamp}" : "none"));
        }
    }

    private sealed class DropSeen(long within) : Processor<string, string, string, string>
    {
        private IWindowStore<string, long> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IWindowStore<string, long>>("store");

        public override void Process(in Record<string, string> record)
        {
            var id = $"{Texts.OrNull(record.Key)}={Texts.OrNull(record.Value)}";
            var seen = _store.Fetch(id, record.Timestamp - within, record.Timestamp + within).Any();
            _store.Put(id, record.Timestamp, record.Timestamp);
            if (!seen)
                Context.Forward(in record);
        }
    }

    private sealed class Ranges : Processor<string, string, string, string>
    {
        private IKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            var dots = record.Value?.IndexOf("..", StringComparison.Ordinal) ?? -1;
            if (dots < 0)
            {
                if (record.HasKey)
                    _store.Put(record.Key, record.Value!);
                return;
            }

            var (from, to) = (record.Value![..dots], record.Value[(dots + 2)..]);
            foreach (var (key, value) in _store.Range(from.Length == 0 ? null : from, to.Length == 0 ? null : to))
                Context.Forward(new(key, value, record.Timestamp));
        }
    }

    private sealed class Chooser : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record)
        {
            if (record.HasValue && record.Value.StartsWith('a'))
                Context.Forward(in record, "left");
            else if (record.HasValue && record.Value.StartsWith('b'))
                Context.Forward(in record, "right");
            else
                Context.Forward(in record);
        }
    }

    private sealed class TimestampFromValue : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record) =>
            Context.Forward(Texts.Reference(record.Value) is { } time && Texts.IsNumber(time)
                ? record.WithTimestamp(Texts.Number(time)).WithValue(Texts.After(record.Value))
                : record);
    }

    private sealed class KeepAndUpper : Processor<string, string, string, string>
    {
        private IKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (record.HasKey)
                _store.Put(record.Key, record.Value);
            Context.Forward(record.WithValue(Texts.Upper(record.Value)!));
        }
    }

    private sealed class KeepUpper : Processor<string, string>
    {
        private IKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (record.HasKey)
                _store.Put(record.Key, Texts.Upper(record.Value)!);
        }
    }

    private sealed class LookUp : Processor<string, string, string, string>
    {
        private IKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (record.HasKey)
                Context.Forward(record.WithValue(_store.Get(record.Key)!));
        }
    }
}
