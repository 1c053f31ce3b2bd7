namespace Streams.Oracle;

/// <summary>What a scenario's first line sets: durations are milliseconds. One that nothing asks for does not exist.</summary>
internal sealed class ScenarioOptions(IEnumerable<string> words)
{
    private readonly Dictionary<string, string> _given = Parse(words);
    private readonly HashSet<string> _known = [];

    public string Text(string name, string otherwise)
    {
        _known.Add(name);
        return _given.GetValueOrDefault(name, otherwise);
    }

    public long Number(string name, long otherwise) => Has(name) ? Words.Number(_given[name]) : otherwise;

    public TimeSpan Ms(string name, long otherwise) => TimeSpan.FromMilliseconds(Number(name, otherwise));

    public bool Has(string name)
    {
        _known.Add(name);
        return _given.ContainsKey(name);
    }

    public bool On(string name, bool otherwise) => Choice(name, otherwise ? "on" : "off", "on", "off") == "on";

    /// <summary>One of some words.</summary>
    public string Choice(string name, params ReadOnlySpan<string> choices) => Choice(name, choices[0], choices);

    public void Default(string name, string value) => _given.TryAdd(name, value);

    /// <exception cref="ScenarioException">An option was given that nothing asked for.</exception>
    public void RefuseUnknown()
    {
        if (_given.Keys.FirstOrDefault(o => !_known.Contains(o)) is { } unknown)
            throw new ScenarioException($"Unknown option '{unknown}'.");
    }

    private string Choice(string name, string otherwise, params ReadOnlySpan<string> choices)
    {
        var text = Text(name, otherwise);
        return choices.Contains(text) ? text : throw new ScenarioException($"'{name}' is {string.Join(" or ", choices)}, not '{text}'.");
    }

    private static Dictionary<string, string> Parse(IEnumerable<string> words)
    {
        var given = new Dictionary<string, string>();
        foreach (var word in words)
        {
            if (word.Split('=', 2) is not [var name, var value])
                throw new ScenarioException($"'{word}' is not name=value.");
            given[name] = value;
        }

        return given;
    }
}
