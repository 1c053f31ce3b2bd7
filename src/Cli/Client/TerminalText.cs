using System.Buffers;

namespace Cli.Client;

/// <summary>Text from somebody else's log, made safe to show.</summary>
/// <remarks>A log line may hold escape sequences that retitle, clear or worse a terminal. Control characters show as U+2400 symbols.</remarks>
internal static class TerminalText
{
    private static readonly SearchValues<char> _controls = SearchValues.Create(
        [.. Enumerable.Range(0, 0xA0).Select(c => (char)c).Where(c => char.IsControl(c) && c != '\t')]);

    public static string Clean(string text) =>
        text.AsSpan().ContainsAny(_controls)
            ? string.Create(text.Length, text, static (shown, raw) =>
            {
                for (var i = 0; i < raw.Length; i++)
                    shown[i] = _controls.Contains(raw[i]) ? Symbol(raw[i]) : raw[i];
            })
            : text;

    private static char Symbol(char control) => control switch
    {
        < ' ' => (char)('\u2400' + control),
        '\x7f' => '\u2421',
        _ => '\ufffd',
    };
}
