using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;

namespace Gateway.Otlp;

/// <summary>A request's body, whose one message is counted as soon as its length has come: before the message is read.</summary>
/// <remarks>
/// The whole message counts at once. If it counted as it comes, requests that came together could each get half of what they need, and all be refused.
/// </remarks>
internal sealed class CountedBody(PipeReader body, HeldRequest request) : PipeReader, IRequestBodyPipeFeature
{
    // gRPC: a flag, and the length of the message in four bytes.
    private const int PrefixBytes = 5;

    private bool _isCounted;

    PipeReader IRequestBodyPipeFeature.Reader => this;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
        Count(read.Buffer);
        return read;
    }

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!body.TryRead(out result))
            return false;
        Count(result.Buffer);
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => body.AdvanceTo(consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => body.AdvanceTo(consumed, examined);

    /// <inheritdoc/>
    public override void CancelPendingRead() => body.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => body.Complete(exception);

    private void Count(in ReadOnlySequence<byte> buffer)
    {
        if (_isCounted || buffer.Length < PrefixBytes)
            return;
        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        request.GrowTo(BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]));
        _isCounted = true;
    }
}
