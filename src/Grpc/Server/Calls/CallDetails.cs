using Grpc.Core;
using Grpc.Wire;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>What a call may have, ask for or set, and mostly does not: kept apart, so that a plain call stays small.</summary>
internal sealed class CallDetails
{
    /// <summary>The call's deadline; null where it has none. Set before its handler runs.</summary>
    public CallExpiry? Expiry { get; init; }

    public Metadata? RequestHeaders { get; set; }

    public Metadata? ResponseTrailers { get; set; }

    public Status Status { get; set; }

    public WriteOptions? WriteOptions { get; set; }

    public AuthContext? AuthContext { get; set; }

    /// <summary>The way of the responses where they stream; null before the first.</summary>
    public ResponseFlush? Flush { get; set; }

    /// <summary>What the handler wants its responses compressed with; null where it said nothing.</summary>
    public string? EncodingAsked { get; set; }

    /// <summary>What the responses are compressed with; null for nothing.</summary>
    public MessageCompressor? Compressor { get; set; }
}
