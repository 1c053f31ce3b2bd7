namespace NodeAgent.Tail;

/// <summary>A pattern of paths, as shells write them: <c>*</c>, <c>?</c>, <c>[a-z]</c> and <c>[!a-z]</c> within a name, <c>**</c> for any folders.</summary>
/// <remarks>
/// As in a shell, a name's leading dot is only matched by a dot, and <c>**</c> does not follow links to folders: they could go in circles.
/// </remarks>
internal sealed class GlobPattern
{
    private readonly string[] _parts;

    private GlobPattern(string text, string root, string[] parts)
    {
        Text = text;
        Root = root;
        _parts = parts;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>The folder that all matches lie under.</summary>
    public string Root { get; }

    public static GlobPattern Parse(string text)
    {
        var full = Path.GetFullPath(text.Trim());
        var root = Path.GetPathRoot(full)!;
        var parts = full[root.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        var literal = parts.TakeWhile((part, i) => !IsPattern(part) && i < parts.Length - 1).Count();
        return new(text, Path.Combine([root, .. parts.Take(literal)]), parts[literal..]);
    }

    /// <summary>The paths that match now and are no folders.</summary>
    /// <param name="unreadable">Told each folder that cannot be listed, and why.</param>
    public IEnumerable<string> Matches(Action<string, Exception> unreadable) => Matches(Root, 0, unreadable).Distinct();

    /// <summary>True where <paramref name="pattern"/> matches the whole of <paramref name="name"/>, a name without folders.</summary>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        if (name is ['.', ..] && pattern is not ['.', ..])
            return false;

        // A star is retried from one character further on each mismatch; only the last star needs remembering.
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && One(pattern, p, name[n], out var used))
            {
                p += used;
                n++;
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].TrimStart('*').IsEmpty;
    }

    private static bool One(ReadOnlySpan<char> pattern, int at, char c, out int used)
    {
        used = 1;
        if (pattern[at] == '?')
            return true;
        if (pattern[at] != '[')
            return pattern[at] == c;

        // The first character after "[" or "[!" is literal even where it is "]".
        var negated = at + 1 < pattern.Length && pattern[at + 1] is '!' or '^';
        var first = at + (negated ? 2 : 1);
        var close = first + 1 < pattern.Length ? pattern[(first + 1)..].IndexOf(']') : -1;
        if (close < 0)
            return c == '[';

        var set = pattern.Slice(first, close + 1);
        used = first + close + 2 - at;
        var found = false;
        for (var i = 0; i < set.Length; i++)
        {
            var isRange = i + 2 < set.Length && set[i + 1] == '-';
            found |= isRange ? c >= set[i] && c <= set[i + 2] : c == set[i];
            i += isRange ? 2 : 0;
        }

        return found != negated;
    }

    private static bool IsPattern(string part) => part.AsSpan().ContainsAny('*', '?', '[');

    private IEnumerable<string> Matches(string folder, int at, Action<string, Exception> unreadable)
    {
        var part = _parts.Length == 0 ? "" : _parts[at];
        var isLast = at >= _parts.Length - 1;
        if (part == "**")
        {
            foreach (var path in isLast ? List(folder, "*", wantFolders: false, unreadable) : Matches(folder, at + 1, unreadable))
                yield return path;
            foreach (var inner in List(folder, "*", wantFolders: true, unreadable))
            {
                foreach (var path in IsLink(inner) ? [] : Matches(inner, at, unreadable))
                    yield return path;
            }
        }
        else if (!IsPattern(part))
        {
            var path = Path.Combine(folder, part);
            foreach (var match in isLast ? (Path.Exists(path) ? [path] : []) : Matches(path, at + 1, unreadable))
                yield return match;
        }
        else
        {
            foreach (var path in List(folder, part, wantFolders: !isLast, unreadable))
            {
                foreach (var match in isLast ? [path] : Matches(path, at + 1, unreadable))
                    yield return match;
            }
        }
    }

    private static bool IsLink(string folder) => File.GetAttributes(folder).HasFlag(FileAttributes.ReparsePoint);

    private static IReadOnlyList<string> List(string folder, string part, bool wantFolders, Action<string, Exception> unreadable)
    {
        try
        {
            var paths = wantFolders ? Directory.EnumerateDirectories(folder) : Directory.EnumerateFiles(folder);
            return [.. paths.Where(path => IsMatch(part, Path.GetFileName(path.AsSpan()))).Order(StringComparer.Ordinal)];
        }
        catch (DirectoryNotFoundException)
        {
            return []; // Not there, or no longer: the caller says so where nothing matches at all.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            unreadable(folder, error);
            return [];
        }
    }
}
