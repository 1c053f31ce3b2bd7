namespace Monitor.Tests.LogStore;

/// <summary><c>grep -i -F</c> in the C locale: ASCII letters alone have case. Halves of surrogate pairs are one unknown character, on both sides.</summary>
internal static class Grep
{
    public static bool Finds(string message, string text) => Fold(message).Contains(Fold(text), StringComparison.Ordinal);

    private static string Fold(string text) =>
        string.Concat(text.EnumerateRunes().Select(r => r.Value is >= 'A' and <= 'Z' ? ((char)(r.Value + 32)).ToString() : r.ToString()));
}
