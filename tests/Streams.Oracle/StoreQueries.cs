namespace Streams.Oracle;

/// <summary>The queries of the scenario language, each answered in rows.</summary>
internal static class StoreQueries
{
    public static IEnumerable<string> Ask<TValue>(IKeyValueStore<string, TValue> store, string[] words) => words[2] switch
    {
        "get" => [Row(words[3], store.TryGet(Key(words[3]), out var value) ? Shown.Value(value) : "-")],
        "all" => Rows(store.All()),
        "reverseAll" => Rows(store.ReverseAll()),
        "range" => Rows(store.Range(Words.Text(words[3]), Words.Text(words[4]))),
        "reverseRange" => Rows(store.ReverseRange(Words.Text(words[3]), Words.Text(words[4]))),
        "prefix" => Rows(store.PrefixScan(words[3], Serdes.String)),
        "count" => [$"row {store.Count}"],
        _ => throw Unknown("key value", "get all reverseAll range reverseRange prefix count"),
    };

    public static IEnumerable<string> Ask<TValue>(IWindowStore<string, TValue> store, string[] words) => words[2] switch
    {
        "fetch" when words.Length == 5 => [Row(words[4], store.TryFetch(Key(words[3]), Words.Number(words[4]), out var value) ? Shown.Value(value) : "-")],
        "fetch" => Rows(store.Fetch(Key(words[3]), Words.Number(words[4]), Words.Number(words[5]))),
        "backwardFetch" => Rows(store.BackwardFetch(Key(words[3]), Words.Number(words[4]), Words.Number(words[5]))),
        "fetchRange" => Rows(store.FetchRange(Words.Text(words[3]), Words.Text(words[4]), Words.Number(words[5]), Words.Number(words[6]))),
        "fetchAll" => Rows(store.FetchAll(Words.Number(words[3]), Words.Number(words[4]))),
        "all" => Rows(store.All()),
        _ => throw Unknown("window", "fetch backwardFetch fetchRange fetchAll all"),
    };

    public static IEnumerable<string> Ask<TValue>(ISessionStore<string, TValue> store, string[] words) => words[2] switch
    {
        "fetchSession" when words.Length == 4 => Rows(store.Fetch(Key(words[3]))),
        "fetchSession" =>
        [
            Row(
                $"{words[3]}@{words[4]}-{words[5]}",
                store.TryFetchSession(Key(words[3]), Words.Number(words[4]), Words.Number(words[5]), out var value) ? Shown.Value(value) : "-"),
        ],
        "findSessions" => Rows(store.FindSessions(Key(words[3]), Words.Number(words[4]), Words.Number(words[5]))),
        "fetchRange" => Rows(store.Fetch(Words.Text(words[3]), Words.Text(words[4]))),
        _ => throw Unknown("session", "fetchSession findSessions fetchRange"),
    };

    public static IEnumerable<string> Ask<TValue>(IVersionedKeyValueStore<string, TValue> store, string[] words) => words[2] switch
    {
        "get" => [Version(words[3], store.Get(Key(words[3])))],
        "asOf" => [Version(words[3], store.Get(Key(words[3]), Words.Number(words[4])))],
        _ => throw Unknown("versioned", "get asOf"),
    };

    private static string Version<TValue>(string key, VersionedRecord<TValue>? version) =>
        version is { } v ? $"row {key} {Shown.Value(v.Value)} {v.Timestamp} {(v.ValidTo is { } end ? Shown.Value(end) : "open")}" : $"row {key} -";

    private static string Key(string word) => Words.Text(word) ?? throw new ScenarioException("A store has no null key.");

    private static IEnumerable<string> Rows<TKey, TValue>(IEnumerable<KeyValue<TKey, TValue>> entries) =>
        entries.Select(e => Row(Shown.Value(e.Key), Shown.Value(e.Value)));

    private static string Row(string key, string value) => $"row {key} {value}";

    private static ScenarioException Unknown(string kind, string queries) => new($"A {kind} store is asked by one of: {queries}.");
}
