using System.CommandLine;
using Settings;

namespace Cli.Parts;

/// <summary>The flags of a command that stand for settings, and <c>--config</c>, <c>--set</c> and <c>--check</c>, which every part takes.</summary>
internal sealed class SettingsFlags
{
    private readonly Option<string?> _config = Flags.Text("--config", "FILE", "Settings from a YAML or JSON file; the environment and flags win over it.");

    private readonly Option<string[]> _set = Flags.Texts(
        "--set", "KEY=VALUE", "Any setting, by its path: --set gateway.port=7070. May be given again.");

    private readonly Option<bool> _check = Flags.Switch("--check", "Check the settings, print what would hold with secrets masked, and end.");

    private readonly List<(Option Flag, Func<ParseResult, IEnumerable<SettingFlag>> Read)> _flags = [];

    /// <summary>A flag that sets <paramref name="keys"/>.</summary>
    public SettingsFlags Add(string name, string value, string description, params string[] keys)
    {
        var flag = Flags.Text(name, value, description);
        _flags.Add((flag, parse => parse.GetValue(flag) is { } text ? keys.Select(key => new SettingFlag(key, text, name)) : []));
        return this;
    }

    /// <summary>A flag that may be given again and makes a list.</summary>
    public SettingsFlags AddList(string name, string value, string description, string key)
    {
        var flag = Flags.Texts(name, value, description);
        _flags.Add((flag, parse => (parse.GetValue(flag) ?? []).Select(text => new SettingFlag(key, text, name))));
        return this;
    }

    /// <summary>A flag without a value that sets <paramref name="keys"/> to <paramref name="value"/>.</summary>
    public SettingsFlags AddSwitch(string name, string description, string value, params string[] keys)
    {
        var flag = Flags.Switch(name, description);
        _flags.Add((flag, parse => parse.GetValue(flag) ? keys.Select(key => new SettingFlag(key, value, name)) : []));
        return this;
    }

    public void AddTo(Command command)
    {
        foreach (var (flag, _) in _flags)
            command.Add(flag);
        command.Add(_config);
        command.Add(_set);
        command.Add(_check);
    }

    public bool IsCheck(ParseResult parse) => parse.GetValue(_check);

    /// <summary>Settings as they hold for this command line.</summary>
    public T Load<T>(ParseResult parse, T defaults)
        where T : class =>
        SettingsLoader.Load(
            new SettingsSources
            {
                File = parse.GetValue(_config),
                Environment = SettingsSources.ProcessEnvironment(),
                Flags = [.. _flags.SelectMany(flag => flag.Read(parse)), .. (parse.GetValue(_set) ?? []).Select(Pair)],
            },
            defaults);

    private static SettingFlag Pair(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new SettingFlag(text[..equals], text[(equals + 1)..], "--set")
            : throw new SetupException($"--set is '{text}'; expected KEY=VALUE, such as --set gateway.port=7070.");
    }
}
