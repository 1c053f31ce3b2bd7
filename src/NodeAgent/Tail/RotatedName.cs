namespace NodeAgent.Tail;

/// <summary>Tells the names that log rotation gives.</summary>
internal static class RotatedName
{
    /// <summary>True where <paramref name="candidate"/> is what rotation makes of <paramref name="original"/>: <c>app.log.1</c>, <c>app.log-20260101</c>, <c>app-20260101.log</c>.</summary>
    public static bool IsOf(string original, string candidate)
    {
        if (Path.GetDirectoryName(original) != Path.GetDirectoryName(candidate))
            return false;

        var name = Path.GetFileName(original.AsSpan());
        var other = Path.GetFileName(candidate.AsSpan());
        if (other.StartsWith(name, StringComparison.Ordinal))
            return IsSuffix(other[name.Length..]);

        var extension = Path.GetExtension(name);
        var stem = name[..^extension.Length];
        return other.StartsWith(stem, StringComparison.Ordinal)
            && other.EndsWith(extension, StringComparison.Ordinal)
            && other.Length > name.Length
            && IsSuffix(other[stem.Length..^extension.Length]);
    }

    private static bool IsSuffix(ReadOnlySpan<char> suffix) => suffix is ['.' or '-' or '_', >= '0' and <= '9', ..];
}
