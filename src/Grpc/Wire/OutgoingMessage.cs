using System.Buffers;
using Grpc.Core;

namespace Grpc.Wire;

/// <summary>Turns messages, one after the other, into prefix and payload.</summary>
/// <remarks>
/// A marshaller that says its length first, as generated ones do, writes straight into the destination, behind room left
/// for the prefix. Nothing is handed over before the message is whole, so a marshaller that throws leaves the stream intact.
/// </remarks>
internal abstract class OutgoingMessage(int? maxBytes) : SerializationContext, IBufferWriter<byte>
{
    private ArrayBufferWriter<byte>? _unsized;
    private RentedStream? _compressed;
    private MessageCompressor? _compressor;
    private Memory<byte> _frame;
    private int _written;
    private int _length;
    private Progress _progress;

    /// <summary>How large a message may be; null for any size.</summary>
    protected int? MaxBytes { get; set; } = maxBytes;

    private enum Progress
    {
        Idle,
        Started,
        Sized,
        Complete,
    }

    /// <summary>Writes one message, prefix and payload, compressed where there is a compressor.</summary>
    /// <exception cref="RpcException">RESOURCE_EXHAUSTED: it is larger than the limit. INTERNAL: its marshaller failed.</exception>
    public void Write<T>(T message, Marshaller<T> marshaller, MessageCompressor? compressor = null)
    {
        _progress = Progress.Started;
        _compressor = compressor;
        try
        {
            marshaller.ContextualSerializer(message, this);
            if (_progress != Progress.Complete)
                throw new InvalidOperationException($"The marshaller of {typeof(T).Name} returned without completing its message.");
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"The {typeof(T).Name} cannot be serialized.", exception));
        }
        finally
        {
            _progress = Progress.Idle;
            _frame = default;
            _unsized?.ResetWrittenCount();
            _compressed?.Release();
        }
    }

    public sealed override void SetPayloadLength(int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        Expect(Progress.Started);
        ThrowIfTooLarge(payloadLength);

        // How long a message is once compressed, nobody knows yet.
        if (_compressor is not null)
            return;
        _frame = Reserve(checked(MessageFrame.PrefixBytes + payloadLength));
        (_length, _written) = (payloadLength, 0);
        _progress = Progress.Sized;
    }

    public sealed override IBufferWriter<byte> GetBufferWriter()
    {
        if (_progress == Progress.Sized)
            return this;
        Expect(Progress.Started);
        return _unsized ??= new();
    }

    public sealed override void Complete()
    {
        if (_progress == Progress.Started)
        {
            Copy(_unsized is null ? [] : _unsized.WrittenSpan);
            return;
        }

        Expect(Progress.Sized);
        if (_written != _length)
            throw new InvalidOperationException($"The message was to be {_length} bytes and came to {_written}. Did it change meanwhile?");
        CommitFrame();
    }

    public sealed override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        Expect(Progress.Started);
        Copy(payload);
    }

    void IBufferWriter<byte>.Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _length - _written);
        _written += count;
    }

    Memory<byte> IBufferWriter<byte>.GetMemory(int sizeHint) => Rest(sizeHint);

    Span<byte> IBufferWriter<byte>.GetSpan(int sizeHint) => Rest(sizeHint).Span;

    /// <summary>Gives room for a whole frame, at least this long.</summary>
    protected abstract Memory<byte> Reserve(int frameBytes);

    /// <summary>The frame in the reserved room is whole.</summary>
    protected abstract void Commit(int frameBytes);

    private void Copy(ReadOnlySpan<byte> payload)
    {
        ThrowIfTooLarge(payload.Length);
        if (_compressor is not null)
        {
            _compressor.Compress(payload, _compressed ??= new());
            payload = _compressed.Written;
        }

        _frame = Reserve(checked(MessageFrame.PrefixBytes + payload.Length));
        _length = payload.Length;
        payload.CopyTo(_frame.Span[MessageFrame.PrefixBytes..]);
        CommitFrame();
    }

    private void CommitFrame()
    {
        MessageFrame.WritePrefix(_frame.Span, _length, isCompressed: _compressor is not null);
        Commit(MessageFrame.PrefixBytes + _length);
        _progress = Progress.Complete;
    }

    private Memory<byte> Rest(int sizeHint)
    {
        var left = _length - _written;
        if (left == 0 || sizeHint > left)
            throw new InvalidOperationException($"The message was to be {_length} bytes and wants to be longer. Did it change meanwhile?");
        return _frame.Slice(MessageFrame.PrefixBytes + _written, left);
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > MaxBytes)
        {
            throw new RpcException(new Status(
                StatusCode.ResourceExhausted, $"Sending message of {length} bytes exceeds the limit of {MaxBytes} bytes."));
        }
    }

    private void Expect(Progress progress)
    {
        if (_progress != progress)
            throw new InvalidOperationException($"A marshaller did things out of order: the message is {_progress}, not {progress}.");
    }
}
