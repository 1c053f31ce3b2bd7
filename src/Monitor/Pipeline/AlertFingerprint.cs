using System.Security.Cryptography;
using System.Text;
using Streams.Contracts.V1;

namespace Monitor.Pipeline;

/// <summary>Same cause, same fingerprint: a node's logs that differ only in numbers and ids share one.</summary>
internal static class AlertFingerprint
{
    // Templates longer than this differ early if they differ at all.
    private const int TemplateCharsMax = 512;

    /// <summary>The fingerprint of a log: of its node, service, severity and what its message says without its numbers.</summary>
    public static string Of(LogRecord log) =>
        Hash($"log\n{log.NodeId}\n{log.Service}\n{(int)log.Severity}\n{Template(log.Message)}");

    /// <summary>The fingerprint of something about a node: "down", "flapping".</summary>
    public static string Of(string nodeId, string what) => Hash($"node\n{nodeId}\n{what}");

    /// <summary>The message's first line, with <c>#</c> for each word that has a digit in it.</summary>
    public static string Template(string message)
    {
        var line = message.AsSpan();
        if (line.IndexOfAny('\r', '\n') is >= 0 and var end)
            line = line[..end];

        var template = new StringBuilder();
        var word = 0;
        var masked = false;
        foreach (var c in line)
        {
            if (template.Length >= TemplateCharsMax)
                break;
            // What joins the parts of an address, a time or an id belongs to it.
            if (masked && (char.IsLetterOrDigit(c) || c is '-' or '.' or ':'))
                continue;

            if (char.IsDigit(c))
            {
                template.Length = word;
                template.Append('#');
                masked = true;
                continue;
            }

            template.Append(c);
            if (!char.IsLetterOrDigit(c))
                (word, masked) = (template.Length, false);
        }

        return template.ToString();
    }

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
