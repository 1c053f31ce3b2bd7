using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using MessagePack;

namespace Benchmarks.Forwarding;

/// <summary>The least that a forward server can be: finds where a message ends and what its chunk is called, acknowledges, forgets.</summary>
internal sealed class AcknowledgingSink : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private long _bytes;

    public AcknowledgingSink()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Bytes of messages so far.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
        var stream = client.GetStream();
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 1 << 20));
        var ack = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await reader.ReadAsync(_stop.Token);
            var buffer = read.Buffer;
            ack.ResetWrittenCount();
            while (TryTake(ref buffer, ack))
            {
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (ack.WrittenCount > 0)
                await stream.WriteAsync(ack.WrittenMemory, _stop.Token);
            if (read.IsCompleted)
                return;
        }
    }

    // [tag, bin, {"size": N, "chunk": ID}]
    private bool TryTake(ref ReadOnlySequence<byte> buffer, ArrayBufferWriter<byte> ack)
    {
        try
        {
            var reader = new MessagePackReader(buffer);
            reader.ReadArrayHeader();
            reader.Skip();
            reader.Skip();
            string? chunk = null;
            for (var entries = reader.ReadMapHeader(); entries > 0; entries--)
            {
                if (reader.ReadString() == "chunk")
                    chunk = reader.ReadString();
                else
                    reader.Skip();
            }

            var writer = new MessagePackWriter(ack);
            writer.WriteMapHeader(1);
            writer.Write("ack");
            writer.Write(chunk);
            writer.Flush();
            Interlocked.Add(ref _bytes, reader.Consumed);
            buffer = buffer.Slice(reader.Position);
            return true;
        }
        catch (EndOfStreamException)
        {
            return false;
        }
    }
}
