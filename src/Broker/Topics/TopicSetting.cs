using System.Globalization;

namespace Broker.Topics;

/// <summary>How a setting's value is written; the numbers are the protocol's.</summary>
internal enum SettingType : sbyte
{
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

/// <summary>One setting a topic may have, by Kafka's name.</summary>
/// <param name="Name">Kafka's name.</param>
/// <param name="Type">How its value is written.</param>
/// <param name="Documentation">What it does here.</param>
/// <param name="Default">The broker's value where a topic has none of its own.</param>
internal sealed record TopicSetting(string Name, SettingType Type, string Documentation, Func<BrokerOptions, string> Default)
{
    /// <summary>The smallest number accepted.</summary>
    public double Min { get; init; } = double.MinValue;

    /// <summary>The largest number accepted.</summary>
    public double Max { get; init; } = double.MaxValue;

    /// <summary>The words accepted; null for any.</summary>
    public IReadOnlyList<string>? Words { get; init; }

    /// <summary>The broker-wide setting that the default comes from, by Kafka's name; null where there is none.</summary>
    public string? BrokerName { get; init; }

    /// <summary>Says what is wrong with a value; null where nothing is.</summary>
    public string? Fault(string value)
    {
        var fits = Type switch
        {
            SettingType.Boolean => bool.TryParse(value, out _),
            SettingType.Int => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && InRange(number),
            SettingType.Long => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && InRange(number),
            SettingType.Double => double.TryParse(value, CultureInfo.InvariantCulture, out var number) && InRange(number),
            SettingType.List => SplitList(value) is { Length: > 0 } words && words.All(IsWord),
            _ => IsWord(value),
        };
        return fits ? null : $"'{value}' is no value for {Name}: expected {Expected()}.";
    }

    public static string[] SplitList(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private bool IsWord(string word) => Words?.Contains(word) ?? true;

    private bool InRange(double number) => number >= Min && number <= Max;

    private string Expected()
    {
        if (Words is not null)
            return (Type == SettingType.List ? "a list of " : "one of ") + string.Join(", ", Words);
        return Type switch
        {
            SettingType.Boolean => "true or false",
            SettingType.String => "text",
            _ => $"a number{(Min > double.MinValue ? $" from {Min.ToString(CultureInfo.InvariantCulture)}" : "")}{(Max < double.MaxValue ? $" to {Max.ToString(CultureInfo.InvariantCulture)}" : "")}",
        };
    }
}
