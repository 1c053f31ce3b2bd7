using System.CommandLine;
using System.Globalization;
using Settings;
using Streams.Contracts.V1;

namespace Cli;

/// <summary>Options whose faults are told in the user's words rather than in type names.</summary>
internal static class Flags
{
    public static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };

    public static Option<string[]> Texts(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description, DefaultValueFactory = _ => [] };

    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    public static Option<int> Number(string name, string description, int min, int max, int otherwise) => Parsed(
        name, "N", description, $"a whole number from {min} to {max}", otherwise,
        (string text, out int number) =>
            int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && number >= min && number <= max);

    public static Option<TimeSpan?> Duration(string name, string description) => Parsed(
        name, "DURATION", description, DurationText.Expected, null,
        (string text, out TimeSpan? duration) =>
        {
            var isDuration = DurationText.TryParse(text, out var read);
            duration = read;
            return isDuration;
        });

    /// <summary>A moment as ISO 8601 writes it; without an offset it is UTC.</summary>
    public static Option<DateTimeOffset?> Moment(string name, string description) => Parsed(
        name, "TIME", description, "a time such as 2026-01-31, 2026-01-31T12:00 or 2026-01-31T12:00:00.5+01:00", null,
        (string text, out DateTimeOffset? moment) =>
        {
            var isMoment = DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read);
            moment = read;
            return isMoment;
        });

    public static Option<Severity> AtLeast(string name, string description) => Named(name, "LEVEL", description, Severity.Unspecified);

    /// <summary>One of an enum's names, in any letter case; its zero is the default and is not offered.</summary>
    public static Option<T> Named<T>(string name, string value, string description, T otherwise)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Where(known => !known.Equals($"{otherwise}", StringComparison.Ordinal)).ToArray();
        return Parsed(
            name, value, description, $"one of {string.Join(", ", names).ToLowerInvariant()}", otherwise,
            (string text, out T named) =>
            {
                named = otherwise;
                return names.Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out named);
            });
    }

    public static Option<Uri> Address(string name, string description, string otherwise) => Parsed(
        name, "URL", description, "an address such as http://127.0.0.1:7071", new Uri(otherwise),
        (string text, out Uri address) => Uri.TryCreate(text, UriKind.Absolute, out address!) && address.Scheme is "http" or "https");

    private delegate bool TryRead<T>(string text, out T value);

    private static Option<T> Parsed<T>(string name, string value, string description, string expected, T otherwise, TryRead<T> tryRead) =>
        new(name)
        {
            HelpName = value,
            Description = description,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (tryRead(text, out var read))
                    return read;

                result.AddError($"{name} is '{text}'; expected {expected}");
                return otherwise;
            },
        };
}
