using System.Text;

namespace Grpc.Tests.Http2;

/// <summary>Headers as HPACK's plainest form: literals that nobody indexes, without Huffman's code.</summary>
/// <remarks>Source: RFC 7541, sections 5 and 6.2.2.</remarks>
internal static class HeaderBlock
{
    private const int LongLength = 127;

    public static byte[] Of(params (string Name, string Value)[] headers)
    {
        using var block = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            block.WriteByte(0);
            Write(block, name);
            Write(block, value);
        }

        return block.ToArray();
    }

    /// <summary>The headers of a call of ours to a server.</summary>
    public static (string Name, string Value)[] Call(string path, params (string Name, string Value)[] more) =>
    [
        (":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "localhost"),
        ("content-type", "application/grpc"), ("te", "trailers"), .. more,
    ];

    private static void Write(MemoryStream block, string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        if (bytes.Length < LongLength)
        {
            block.WriteByte((byte)bytes.Length);
        }
        else
        {
            block.WriteByte(LongLength);
            var rest = bytes.Length - LongLength;
            for (; rest >= 128; rest >>= 7)
                block.WriteByte((byte)(128 | (rest & 127)));
            block.WriteByte((byte)rest);
        }

        block.Write(bytes);
    }
}
