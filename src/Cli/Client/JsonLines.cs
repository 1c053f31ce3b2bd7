using System.Text;
using Google.Protobuf;

namespace Cli.Client;

/// <summary>Messages as JSON, one a line: protobuf's own mapping (lowerCamelCase names, 64-bit numbers as text), every field present.</summary>
internal sealed class JsonLines(Stream output) : IDisposable
{
    private static readonly JsonFormatter _format = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    private readonly StreamWriter _writer = new(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);

    public void Write(IMessage message)
    {
        _format.Format(message, _writer);
        _writer.Write('\n');
    }

    /// <summary>Shows what was written; a live command does so whenever it has to wait for more.</summary>
    public void Flush() => _writer.Flush();

    public void Dispose() => _writer.Dispose();
}
