using System.Diagnostics.CodeAnalysis;

namespace Settings;

/// <summary>Names of settings: <c>DataDirectory</c>, <c>dataDirectory</c>, <c>data-directory</c> and <c>data_directory</c> are one name.</summary>
internal static class SettingName
{
    public static IEqualityComparer<string> Comparer { get; } = new SameName();

    /// <summary>The name as YAML writes it: <c>dataDirectory</c>.</summary>
    public static string Display(string property) => char.ToLowerInvariant(property[0]) + property[1..];

    public static string Path(string parent, string name) => parent.Length == 0 ? name : $"{parent}.{name}";

    /// <summary>The candidate that <paramref name="name"/> was most likely meant to be, if any is near.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        var wanted = Plain(name);
        var farthest = Math.Max(1, wanted.Length / 3);
        return candidates
            .Select(candidate => (candidate, distance: Edits(wanted, Plain(candidate))))
            .Where(pair => pair.distance <= farthest)
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    private static string Plain(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();

    // Damerau's distance: people swap neighbouring letters as often as they drop one.
    private static int Edits(string a, string b)
    {
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            rows[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            rows[0, j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replace, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[a.Length, b.Length];
    }

    private sealed class SameName : IEqualityComparer<string>
    {
        public bool Equals(string? x, string? y) => x is not null && y is not null && Plain(x) == Plain(y);

        public int GetHashCode([DisallowNull] string obj) => Plain(obj).GetHashCode(StringComparison.Ordinal);
    }
}
