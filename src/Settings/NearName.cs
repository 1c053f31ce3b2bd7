namespace Settings;

/// <summary>"Did you mean": the known name nearest to one that is not known.</summary>
public static class NearName
{
    /// <summary>The candidate that <paramref name="name"/> was most likely meant to be; null where none is near.</summary>
    /// <remarks>Near means at most a third of the letters differ. Letter case, hyphens and underscores do not count.</remarks>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);

        var wanted = SettingName.Plain(name);
        var farthest = Math.Max(1, wanted.Length / 3);
        return candidates
            .Select(candidate => (candidate, distance: Edits(wanted, SettingName.Plain(candidate))))
            .Where(pair => pair.distance <= farthest)
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

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
}
