using System.Collections;
using System.Globalization;
using YamlDotNet.Serialization;

namespace Settings;

/// <summary>Prints options as a settings file would say them: what <c>--check</c> shows.</summary>
public static class EffectiveSettings
{
    /// <summary>What stands in place of a secret that is set.</summary>
    public const string Mask = "******";

    /// <summary>Options as YAML that <see cref="SettingsLoader"/> reads back to the same options, except for secrets.</summary>
    public static string ToYaml(object options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SerializerBuilder().WithQuotingNecessaryStrings().WithIndentedSequences().Build().Serialize(Section(options));
    }

    private static Dictionary<string, object?> Section(object options) =>
        SettingProperty.Of(options.GetType()).ToDictionary(
            property => property.Name,
            property => Print(property.Property.GetValue(options), property));

    private static object? Print(object? value, SettingProperty property) => property.Shape switch
    {
        _ when value is null => null,
        _ when property.IsSecret => value is "" ? "" : Mask,
        SettingShape.Section => Section(value),
        SettingShape.Dictionary => Pairs(value).ToDictionary(pair => pair.Key, pair => Item(pair.Value, property)),
        SettingShape.List => ((IEnumerable)value).Cast<object>().Select(item => Item(item, property)).ToList(),
        _ => Single(value, property),
    };

    private static object Item(object item, SettingProperty property) =>
        SettingShapes.Of(item.GetType()) is SettingShape.Section ? Section(item) : Single(item, property);

    // Numbers stay numbers, or they would be quoted as texts that look like numbers.
    private static object Single(object value, SettingProperty property)
    {
        var text = SettingText.Write(value, property.IsSize);
        return value is bool || (value is IConvertible and not (string or char or Enum) && text == Convert.ToString(value, CultureInfo.InvariantCulture))
            ? value
            : text;
    }

    private static IEnumerable<(string Key, object Value)> Pairs(object dictionary)
    {
        foreach (DictionaryEntry entry in (IDictionary)dictionary)
            yield return ((string)entry.Key, entry.Value!);
    }
}
