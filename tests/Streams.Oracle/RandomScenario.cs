using System.Globalization;

namespace Streams.Oracle;

/// <summary>Random scenarios: times in and out of order, leaps, absent keys and values. The oracle makes the same from equal arguments.</summary>
internal static class RandomScenario
{
    private static readonly string[] Keys = ["k1", "k2", "k3", "k4"];
    private static readonly string[] Nouns = ["a", "b", "c", "d", "e", "x", "apple", "banana"];

    /// <summary>The lines for <c>TOPOLOGY SEED COUNT [option=value ...]</c>.</summary>
    public static IEnumerable<string> Lines(string[] request) =>
        Lines(request[0], Words.Number(request[1]), (int)Words.Number(request[2]), request[3..]);

    public static List<string> Lines(string topology, long seed, int count, string[] options)
    {
        var scene = new Scene(new(options));
        Catalogue.Find(topology).Build(scene);
        var topics = scene.Inputs.ToArray();
        var random = new JavaRandom(seed);
        List<string> lines = [string.Join(' ', ["topology", topology, .. options])];
        var now = 100_000L;
        for (var i = 0; i < count; i++)
        {
            var (topic, kind) = topics[random.Next(topics.Length)];
            var key = random.Next(100) < 5 ? "-" : Keys[random.Next(Keys.Length)];
            var value = random.Next(100) < 12 ? "-" : Value(kind, random, now);
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"in {topic} {key} {value} {Time(random, ref now)}"));
            if (scene.WatchesWallClock && random.Next(4) == 0)
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"advance {random.Next(8_000)}"));
        }

        lines.Add("metric dropped-records-total");
        foreach (var (store, kind) in scene.Stores.Kinds)
            lines.AddRange(Ask(store, kind));
        return lines;
    }

    private static IEnumerable<string> Ask(string store, StoreKind kind) => kind switch
    {
        StoreKind.KeyValue or StoreKind.Window => [$"store {store} all"],
        StoreKind.Session => Keys.Select(k => $"store {store} fetchSession {k}"),
        _ => Keys.Select(k => $"store {store} get {k}"),
    };

    private static long Time(JavaRandom random, ref long now)
    {
        var draw = random.Next(100);
        if (draw < 70)
            return now += random.Next(3_000);
        if (draw < 74)
            return now += 10_000 + random.Next(40_000);

        var back = draw < 92 ? random.Next(12_000) : 12_000 + random.Next(80_000);
        return Math.Max(0, now - back);
    }

    private static string Value(InputKind kind, JavaRandom random, long now)
    {
        var word = string.Create(CultureInfo.InvariantCulture, $"{Noun(random)}{random.Next(10)}");
        return kind switch
        {
            InputKind.Number => Digits(random.Next(20)),
            InputKind.List => List(random),
            InputKind.Foreign => random.Next(10) == 0 ? word : $"{Keys[random.Next(Keys.Length)]}:{word}",
            InputKind.Grouped => string.Create(CultureInfo.InvariantCulture, $"g{random.Next(3)}:{random.Next(20)}"),
            InputKind.Prefixed => string.Create(CultureInfo.InvariantCulture, $"p{random.Next(3)}:{word}"),
            InputKind.Timed => random.Next(10) == 0 ? word : $"{Digits(Math.Max(0, now - random.Next(10_000)))}:{word}",
            InputKind.NumberOrNoise => random.Next(5) == 0 ? "hex:0102" : Digits(random.Next(100)),
            InputKind.Range => random.Next(4) == 0 ? $"{Keys[random.Next(2)]}..{Keys[2 + random.Next(2)]}" : word,
            _ => word,
        };
    }

    private static string List(JavaRandom random)
    {
        var parts = new List<string> { Noun(random) };
        for (var more = random.Next(4); more > 0; more--)
            parts.Add(Noun(random));
        return string.Join(',', parts);
    }

    private static string Noun(JavaRandom random) => Nouns[random.Next(Nouns.Length)];

    private static string Digits(long number) => number.ToString(CultureInfo.InvariantCulture);
}
