using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Kafka;
using Streams.RocksDb;

namespace Streams.Tests.Docs;

/// <summary>The tables of settings in docs/engine.md are those of the code: every property, with its true default.</summary>
public sealed partial class SettingsTableTests
{
    [Theory]
    [InlineData(typeof(StreamConfig))]
    [InlineData(typeof(KafkaSettings))]
    [InlineData(typeof(ConsumerSettings))]
    [InlineData(typeof(ProducerSettings))]
    [InlineData(typeof(RocksDbOptions))]
    public void A_table_has_every_property_with_its_default(Type settings)
    {
        var made = Activator.CreateInstance(settings)!;
        var expected = settings.GetProperties(BindingFlags.Instance | BindingFlags.Public).Select(property => $"{property.Name}: {Default(property, made)}");

        var table = Row().Matches(Section(settings.Name)).Select(row => $"{row.Groups["property"].Value}: {row.Groups["default"].Value}");

        Assert.Equal(expected.Order(StringComparer.Ordinal), table.Order(StringComparer.Ordinal));
    }

    private static string Section(string name)
    {
        var text = DocumentTests.Text("engine.md");
        var start = text.IndexOf($"\n### {name}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, $"engine.md has no section on {name}.");
        var end = text.IndexOf("\n### ", start + 1, StringComparison.Ordinal);
        return end < 0 ? text[start..] : text[start..end];
    }

    /// <summary>A setting's default as the tables write it.</summary>
    private static string Default(PropertyInfo property, object settings)
    {
        if (property.IsDefined(typeof(RequiredMemberAttribute)))
            return "required";

        var value = property.GetValue(settings);
        if (property.Name == nameof(ConsumerSettings.AutoOffsetReset))
            return value is StartOffset.Earliest ? "`StartOffset.Earliest`" : "`StartOffset.Latest`";

        return value switch
        {
            null => "none",
            bool given => given ? "true" : "false",
            TimeSpan time when time == TimeSpan.Zero => "0",
            TimeSpan { TotalSeconds: < 1 } time => $"{time.TotalMilliseconds} ms",
            TimeSpan { TotalSeconds: < 120 } time => $"{time.TotalSeconds} s",
            TimeSpan { TotalDays: < 1 } time => $"{time.TotalMinutes} min",
            TimeSpan time => $"{time.TotalDays} d",
            int or long or short => Number(Convert.ToInt64(value, CultureInfo.InvariantCulture), property.Name.Contains("Bytes", StringComparison.Ordinal)),
            Delegate given => $"`{given.Method.DeclaringType!.Name}.{given.Method.Name}`",
            string path when path.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) => $"`{Path.GetFileName(path)}` in the system's temporary folder",
            string text => $"`{text}`",
            TimestampExtractor given when given == TimestampExtractor.FailOnInvalidTimestamp => "`TimestampExtractor.FailOnInvalidTimestamp`",
            InMemoryStores given when given == InMemoryStores.Default => "`InMemoryStores.Default`",
            _ => $"`new {property.PropertyType.Name}()`",
        };
    }

    private static string Number(long value, bool isBytes) => (isBytes, value) switch
    {
        (true, >= 1 << 20) when value % (1 << 20) == 0 => $"{value >> 20} MiB",
        (true, >= 1 << 10) when value % (1 << 10) == 0 => $"{value >> 10} KiB",
        _ => value.ToString("N0", CultureInfo.InvariantCulture).Replace('-', '−'),
    };

    // | `Property` | Kafka's name | default | meaning |
    [GeneratedRegex(@"^\| `(?<property>\w+)` \| [^|]* \| (?<default>[^|]*) \| [^|]* \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
