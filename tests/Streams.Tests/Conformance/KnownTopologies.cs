using System.Globalization;

namespace Streams.Tests.Conformance;

/// <summary>The oracle's topologies that the engine can run so far, by their names there.</summary>
internal static class KnownTopologies
{
    public static IReadOnlyDictionary<string, Action<Scene>> All { get; } = new Dictionary<string, Action<Scene>>
    {
        ["filter-map"] = s => s.Sink(
            s.Stream("in").Filter((_, v) => v is not null && !v.StartsWith('x')).MapValues(v => v.ToUpperInvariant()), "out"),
        ["filter-not"] = s => s.Sink(s.Stream("in").FilterNot((_, v) => v is not null && v.StartsWith('x')), "out"),
        ["map"] = s => s.Sink(s.Stream("in").Map((k, v) => KeyValue.Pair(v, k)), "out"),
        ["map-values-with-key"] = s => s.Sink(s.Stream("in").MapValues((k, v) => $"{k ?? "null"}:{v ?? "null"}"), "out"),
        ["flatmap-values"] = s => s.Sink(s.Stream("in").FlatMapValues(Split), "out"),
        ["flatmap"] = s => s.Sink(s.Stream("in").FlatMap((k, v) => Split(v).Select(part => KeyValue.Pair(part, k))), "out"),
        ["branch"] = Branch,
        ["merge"] = s => s.Sink(s.Stream("in1").Merge(s.Stream("in2")), "out"),
        ["select-key"] = s => s.Sink(s.Stream("in").SelectKey((_, v) => v), "out"),
        ["peek-foreach"] = PeekForeach,
        ["named-nodes"] = NamedNodes,
        ["dynamic-topic"] = DynamicTopic,
        ["count"] = s => s.Sink(s.Stream("in").GroupByKey().Count(s.Kv<long>("store")).ToStream(), "out"),
        ["select-key-count"] = s => s.Sink(s.Stream("in").SelectKey((_, v) => v).GroupByKey().Count(s.Kv<long>("store")).ToStream(), "out"),
        ["group-by-count"] = s => s.Sink(
            s.Stream("in").GroupBy((_, v) => v, Grouped.As<string, string>("g")).Count(s.Kv<long>("store")).ToStream(), "out"),
        ["word-count"] = s => s.Sink(
            s.Stream("in").FlatMapValues(Split).GroupBy((_, v) => v).Count(s.Kv<long>("store")).ToStream(), "out"),
        ["multi-update-count"] = s => s.Sink(s.Stream("in").FlatMapValues(Split).GroupByKey().Count(s.Kv<long>("store")).ToStream(), "out"),
        ["reduce"] = s => s.Sink(s.Stream("in").GroupByKey().Reduce((o, n) => $"{o}+{n}", s.Kv<string>("store")).ToStream(), "out"),
        ["reduce-delete"] = s => s.Sink(
            s.Stream("in").GroupByKey().Reduce((o, n) => n.StartsWith('x') ? null! : $"{o}+{n}", s.Kv<string>("store")).ToStream(), "out"),
        ["aggregate"] = s => s.Sink(
            s.Stream("in").GroupByKey().Aggregate<long?>(() => 0, (_, v, sum) => Number(v) is { } n ? sum + n : null, s.Kv<long?>("store")).ToStream(), "out"),
        ["windowed-count"] = s => s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.Windows()).Count(s.Window<long>("store")).ToStream(), "out"),
        ["hopping-count"] = s => s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.Windows(5000)).Count(s.Window<long>("store")).ToStream(), "out"),
        ["windowed-reduce"] = s => s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.Windows()).Reduce((o, n) => $"{o}+{n ?? "null"}", s.Window<string>("store")).ToStream(), "out"),
        ["windowed-aggregate"] = s => s.SinkWindowed(
            s.Stream("in").GroupByKey().WindowedBy(s.Windows())
                .Aggregate(() => "[", (_, v, a) => $"{a}{v ?? "null"},", s.Window<string>("store")).ToStream(),
            "out"),
        ["to-table"] = s => s.Sink(s.Stream("in").ToTable(s.Kv<string>("store")).ToStream(), "out"),
        ["to-table-rekey"] = s => s.Sink(s.Stream("in").SelectKey((_, v) => Before(v)).ToTable(s.Kv<string>("store")).ToStream(), "out"),
        ["table-to-stream"] = s => s.Sink(s.Builder.Table("in", null, s.Kv<string>("store")).ToStream(), "out"),
        ["table-plain"] = s => s.Sink(s.Builder.Table<string, string>("in").ToStream(), "out"),
        ["stream-time-punctuator"] = s => Punctuator(s, PunctuationType.StreamTime),
        ["wall-clock-punctuator"] = s => Punctuator(s, PunctuationType.WallClockTime),
        ["punctuator-trace"] = s => s.Sink(s.Stream("in").Process(() => new Trace(s)), "out"),
        ["processor-store"] = ProcessorStore,
        ["timestamped-store"] = TimestampedStore,
        ["dedup"] = Dedup,
        ["store-ranges"] = s => WithStore(s, s.PlainKv<string>("store"), () => new Ranges()),
        ["forward-children"] = ForwardChildren,
        ["change-timestamp"] = s => s.Sink(s.Stream("in").Process(() => new ChangeTimestamp()), "out"),
        ["papi"] = Papi,
        ["stream-stream-inner"] = s => s.Sink(s.Stream("left").Join(s.Stream("right"), Joined, s.JoinWindows(), s.StreamJoined()), "out"),
        ["stream-stream-left"] = s => s.Sink(s.Stream("left").LeftJoin(s.Stream("right"), Joined, s.JoinWindows(), s.StreamJoined()), "out"),
        ["stream-stream-outer"] = s => s.Sink(s.Stream("left").OuterJoin(s.Stream("right"), Joined, s.JoinWindows(), s.StreamJoined()), "out"),
        ["stream-stream-rekey"] = s =>
        {
            var left = s.Stream("left").SelectKey((_, v) => Before(v));
            var right = s.Stream("right").SelectKey((_, v) => Before(v));
            s.Sink(left.Join(right, Joined, s.JoinWindows(), new StreamJoined<string, string, string>().WithName("rekeyed")), "out");
        },
        ["stream-self-join"] = s =>
        {
            var stream = s.Stream("in");
            s.Sink(stream.Join(stream, Joined, s.JoinWindows()), "out");
        },
        ["stream-table-inner"] = s => StreamTable(s, left: false),
        ["stream-table-left"] = s => StreamTable(s, left: true),
        ["stream-table-rekey"] = s =>
        {
            var stream = s.Stream("stream").SelectKey((_, v) => Before(v));
            s.Sink(stream.LeftJoin(s.Builder.Table("table", null, s.Kv<string>("table-store")), Joined, Streams.Joined.With(Serdes.String, Serdes.String, Serdes.String)), "out");
        },
        ["long-input"] = LongInput,
        ["processing-error"] = ProcessingError,
        ["value-timestamp"] = ValueTimestamp,
    };

    private static void Branch(Scene s)
    {
        var split = s.Stream("in").Split("split-")
            .Branch((_, v) => v is not null && v.StartsWith('a'), b => s.Sink(b, "out-a"))
            .Branch((_, v) => v is not null && v.StartsWith('b'), b => s.Sink(b, "out-b"));
        if (s.Text("default", "on") == "on")
            split.DefaultBranch(b => s.Sink(b, "out-rest"));
        else
            split.NoDefaultBranch();
    }

    private static void PeekForeach(Scene s)
    {
        var stream = s.Stream("in").Peek((k, v) => s.Log.Add($"log peek1 {k ?? "null"} {v ?? "null"}")).MapValues(v => $"{v ?? "null"}!");
        s.Sink(stream, "out");
        var peeked = stream.Peek((k, v) => s.Log.Add($"log peek2 {k ?? "null"} {v ?? "null"}"));
        peeked.Foreach((k, v) => s.Log.Add($"log foreach {k ?? "null"} {v ?? "null"}"));
    }

    private static void NamedNodes(Scene s)
    {
        s.Output<long>("out");
        s.Builder.Stream("in", Consumed.As<string, string>("source"))
            .Filter((_, v) => v is not null, "filtered")
            .MapValues(v => v.ToUpperInvariant(), "mapped")
            .SelectKey((_, v) => v, "selected")
            .GroupByKey(Grouped.As<string, string>("grouped"))
            .Count(s.Kv<long>("store"), "counted")
            .ToStream("streamed")
            .To("out", Produced.As<string, long>("sink"));
    }

    private static void DynamicTopic(Scene s)
    {
        s.Output<string>("out-a");
        s.Output<string>("out-b");
        s.Stream("in").To((_, v, _) => v is not null && v.StartsWith('a') ? "out-a" : "out-b");
    }

    private static void Punctuator(Scene s, PunctuationType type)
    {
        s.Builder.AddStateStore(s.PlainKv<long>("store"));
        s.Sink(s.Stream("in").Process(() => new Sweeper(s.Ms("interval", 10_000), type), stores: ["store"]), "out");
    }

    private static void ProcessorStore(Scene s)
    {
        var store = s.PlainKv<long?>("store");
        s.Builder.AddStateStore(s.Text("logging", "on") == "on" ? store : store.WithLoggingDisabled());
        s.Sink(s.Stream("in").Process(() => new Totals(), stores: ["store"]), "out");
    }

    private static void TimestampedStore(Scene s)
    {
        s.Kv<string>("store");
        WithStore(s, Stores.TimestampedKeyValue("store", Serdes.String, Serdes.String), () => new Latest());
    }

    private static void Dedup(Scene s)
    {
        var within = s.Ms("within", 10_000);
        s.PlainWindow<long>("store");
        WithStore(
            s,
            Stores.Window("store", Serdes.String, Serdes.Int64, s.Ms("retention", 2 * (long)within.TotalMilliseconds), within),
            () => new Deduplicate((long)within.TotalMilliseconds));
    }

    private static void WithStore(Scene s, StoreBuilder store, Func<Processor<string, string, string, string>> processor)
    {
        s.Builder.AddStateStore(store);
        s.Sink(s.Stream("in").Process(processor, stores: ["store"]), "out");
    }

    private static void ForwardChildren(Scene s)
    {
        var chosen = s.Stream("in").Process(() => new Chooser(), "chooser");
        s.Sink(chosen.MapValues(v => $"L{v ?? "null"}", "left"), "out-left");
        s.Sink(chosen.MapValues(v => $"R{v ?? "null"}", "right"), "out-right");
    }

    private static void Papi(Scene s)
    {
        s.Output<string>("out");
        s.Made = new Topology()
            .AddSource("source", Serdes.String, Serdes.String, "in")
            .AddProcessor("upper", () => new Upper(), "source")
            .AddStateStore(s.PlainKv<string>("store"), "upper")
            .AddSink("sink", "out", Serdes.String, Serdes.String, "upper");
    }

    private static void LongInput(Scene s)
    {
        s.NumberInputs.Add("in");
        s.Config.DeserializationErrors = Handler(s);
        s.Sink(s.Builder.Stream<string, long?>("in"), "out");
    }

    private static void ProcessingError(Scene s)
    {
        s.Config.ProcessingErrors = Handler(s);
        s.Sink(
            s.Stream("in").MapValues(v => v is not null && v.StartsWith('x') ? throw new InvalidOperationException("told to fail") : v), "out");
    }

    // The default handler leaves a dead letter too, where a topic is named.
    private static Func<RecordError, ErrorResponse>? Handler(Scene s) => s.Text("handler", "fail") == "fail"
        ? null
        : _ => s.Config.DeadLetterTopic is null ? ErrorResponse.Continue : ErrorResponse.DeadLetter;

    private static void ValueTimestamp(Scene s)
    {
        var invalid = s.Text("invalid", "fail") switch
        {
            "skip" => TimestampExtractor.LogAndSkipOnInvalidTimestamp,
            "partition" => TimestampExtractor.UsePartitionTimeOnInvalidTimestamp,
            _ => TimestampExtractor.FailOnInvalidTimestamp,
        };
        var consumed = new Consumed<string, string>().WithTimestampExtractor((in record, partitionTime) =>
            invalid.Extract(record.WithTimestamp(Number(Before(record.Value)) ?? -1), partitionTime));
        s.Sink(s.Builder.Stream("in", consumed), "out");
    }

    private static void StreamTable(Scene s, bool left)
    {
        var stream = s.Stream("stream");
        var table = s.Builder.Table("table", null, s.Kv<string>("table-store"));
        var with = Streams.Joined.With(Serdes.String, Serdes.String, Serdes.String);
        if (s.Text("grace", "") != "")
            with = with.WithName("buffered").WithGracePeriod(s.Ms("grace", 0));
        s.Sink(left ? stream.LeftJoin(table, Joined, with) : stream.Join(table, Joined, with), "out");
    }

    private static string Joined(string? left, string? right) => $"{left ?? "-"}+{right ?? "-"}";

    private static string[] Split(string? value) => string.IsNullOrEmpty(value) ? [] : value.Split(',', StringSplitOptions.RemoveEmptyEntries);

    private static string Before(string? value) => value is null ? null! : value.IndexOf(':') is var i and >= 0 ? value[..i] : value;

    private static long? Number(string? value) =>
        long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

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

    private sealed class Trace(Scene scene) : Processor<string, string, string, string>
    {
        public override void Init()
        {
            var ticks = 0;
            Punctuation? punctuation = null;
            punctuation = Context.Schedule(
                scene.Ms("interval", 10_000),
                scene.Text("type", "stream") == "wall" ? PunctuationType.WallClockTime : PunctuationType.StreamTime,
                time =>
                {
                    Context.Forward(new("tick", $"{time}/{Context.StreamTime}", time));
                    if (++ticks >= scene.Number("cancel", 3))
                        punctuation!.Dispose();
                });
        }

        public override void Process(in Record<string, string> record) => Context.Forward(in record);
    }

    private sealed class Totals : Processor<string, string, string, long?>
    {
        private IKeyValueStore<string, long?> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, long?>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (!record.HasKey)
                return;

            var old = _store.Get(record.Key);
            if (Number(record.Value) is not { } number)
            {
                _store.Delete(record.Key);
                Context.Forward(record.WithValue(old));
                return;
            }

            var total = (old ?? 0) + number;
            _store.Put(record.Key, total);
            Context.Forward(record.WithValue<long?>(total));
        }
    }

    private sealed class Latest : Processor<string, string, string, string>
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

    private sealed class Deduplicate(long within) : Processor<string, string, string, string>
    {
        private IWindowStore<string, long> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IWindowStore<string, long>>("store");

        public override void Process(in Record<string, string> record)
        {
            var id = $"{record.Key ?? "null"}={record.Value ?? "null"}";
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

    private sealed class ChangeTimestamp : Processor<string, string, string, string>
    {
        public override void Process(in Record<string, string> record)
        {
            var colon = record.Value?.IndexOf(':') ?? -1;
            Context.Forward(colon >= 0 && Number(record.Value![..colon]) is { } time
                ? record.WithTimestamp(time).WithValue(record.Value[(colon + 1)..])
                : record);
        }
    }

    private sealed class Upper : Processor<string, string, string, string>
    {
        private IKeyValueStore<string, string> _store = null!;

        public override void Init() => _store = Context.GetStateStore<IKeyValueStore<string, string>>("store");

        public override void Process(in Record<string, string> record)
        {
            if (record.HasKey)
                _store.Put(record.Key, record.Value);
            Context.Forward(record.WithValue(record.HasValue ? record.Value.ToUpperInvariant() : null!));
        }
    }
}
