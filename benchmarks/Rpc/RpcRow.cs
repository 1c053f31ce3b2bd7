namespace Benchmarks.Rpc;

/// <summary>One row of the table: a kind of call, how many at once, and how large its messages are.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Kind">What is called.</param>
/// <param name="Callers">Calls at once, on one connection.</param>
/// <param name="Bytes">Bytes of a message's body.</param>
internal sealed record RpcRow(string Name, RpcKind Kind, int Callers, int Bytes)
{
    /// <summary>Bytes of a small message's body.</summary>
    public const int Small = 100;

    private const int Large = 64 * 1024;

    public static IReadOnlyList<RpcRow> All { get; } =
    [
        new("unary, 1 caller", RpcKind.Echo, 1, Small),
        new("unary, 32 callers", RpcKind.Echo, 32, Small),
        new("ping-pong, 32 streams", RpcKind.PingPong, 32, Small),
        new("server stream", RpcKind.Down, 1, Small),
        new("client stream", RpcKind.Up, 1, Small),
        new("unary 64 KiB, 4 callers", RpcKind.Echo, 4, Large),
        new("server stream 64 KiB, 4 streams", RpcKind.Down, 4, Large),
        new("client stream 64 KiB, 4 streams", RpcKind.Up, 4, Large),
    ];

    /// <summary>Messages of one stream, before another is opened.</summary>
    public int MessagesOfStream => Bytes == Small ? 100_000 : 1_000;
}

/// <summary>What is called.</summary>
internal enum RpcKind
{
    Echo,
    PingPong,
    Down,
    Up,
}
