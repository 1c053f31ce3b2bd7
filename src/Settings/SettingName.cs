using System.Diagnostics.CodeAnalysis;

namespace Settings;

/// <summary>Names of settings: <c>DataDirectory</c>, <c>dataDirectory</c>, <c>data-directory</c> and <c>data_directory</c> are one name.</summary>
internal static class SettingName
{
    public static IEqualityComparer<string> Comparer { get; } = new SameName();

    /// <summary>The name as YAML writes it: <c>dataDirectory</c>.</summary>
    public static string Display(string property) => char.ToLowerInvariant(property[0]) + property[1..];

    public static string Path(string parent, string name) => parent.Length == 0 ? name : $"{parent}.{name}";

    /// <summary>The name without what does not tell names apart.</summary>
    public static string Plain(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    private sealed class SameName : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x is not null && y is not null && Plain(x) == Plain(y);

        public int GetHashCode([DisallowNull] string obj) => Plain(obj).GetHashCode(StringComparison.Ordinal);
    }
}
