using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>When the messages of a request stream leave: seen from below, where an HTTP handler takes them.</summary>
public sealed class RequestFlushTests : IDisposable
{
    private const int PrefixBytes = 5;

    private readonly HeldRequests _http = new();
    private readonly GrpcChannel _channel;

    public RequestFlushTests() => _channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = _http });

    private Echo.EchoClient Client => new(_channel);

    public void Dispose()
    {
        _channel.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task A_message_that_stands_alone_leaves_at_once()
    {
        using var call = Client.Gather();

        for (var i = 1; i <= 3; i++)
        {
            await call.RequestStream.WriteAsync(new Note { Number = i });
            Assert.Equal([i], NumbersOf(await _http.NextWriteAsync()));
            _http.Take();
        }
    }

    [Fact]
    public async Task Messages_that_come_while_another_is_on_its_way_leave_together_with_one_flush()
    {
        using var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();
        var flushes = _http.Flushes;

        for (var i = 2; i <= 100; i++)
            Assert.True(WriteAsync(call, i).IsCompletedSuccessfully);
        Assert.False(_http.HasWrite);
        _http.Take();

        Assert.Equal(Enumerable.Range(2, 99), NumbersOf(await _http.NextWriteAsync()));
        Assert.Equal(flushes + 1, _http.Flushes);
    }

    [Fact]
    public async Task Whoever_writes_faster_than_messages_leave_waits_and_little_is_held()
    {
        const int MessageBytes = 1_000;
        using var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();

        var held = 0;
        Task writing;
        do
        {
            writing = call.RequestStream.WriteAsync(new Note { Text = new string('x', MessageBytes) });
            held += MessageBytes;
        }
        while (writing.IsCompletedSuccessfully && held < 10_000_000);

        Assert.InRange(held, 20_000, 40_000);
        Assert.Throws<InvalidOperationException>(() => { _ = call.RequestStream.CompleteAsync(); });
        _http.Take();
        await writing.WaitAsync(EchoHost.Patience);
        Assert.InRange((await _http.NextWriteAsync()).Length, held, held + 10_000);
    }

    [Fact]
    public async Task What_is_held_leaves_before_the_stream_ends_and_completing_waits_for_it()
    {
        using var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();
        await WriteAsync(call, 2);

        var completing = call.RequestStream.CompleteAsync();
        _http.Take();
        Assert.Equal([2], NumbersOf(await _http.NextWriteAsync()));
        Assert.False(completing.IsCompleted);
        Assert.False(_http.Body.IsCompleted);
        _http.Take();

        await completing.WaitAsync(EchoHost.Patience);
        await _http.Body.WaitAsync(EchoHost.Patience);
        Assert.False(_http.HasWrite);
    }

    [Fact]
    public async Task A_message_with_a_hint_waits_for_one_without_for_enough_of_them_or_for_the_end()
    {
        using var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();
        _http.Take();

        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await WriteAsync(call, 2);
        Assert.False(_http.HasWrite);
        call.RequestStream.WriteOptions = null;
        await WriteAsync(call, 3);
        Assert.Equal([2, 3], NumbersOf(await _http.NextWriteAsync()));
        _http.Take();

        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        await call.RequestStream.WriteAsync(new Note { Number = 4, Text = new string('x', 50_000) });
        Assert.Equal([4], NumbersOf(await _http.NextWriteAsync()));
        _http.Take();

        await WriteAsync(call, 5);
        var completing = call.RequestStream.CompleteAsync();
        Assert.Equal([5], NumbersOf(await _http.NextWriteAsync()));
        _http.Take();
        await completing.WaitAsync(EchoHost.Patience);
    }

    [Fact]
    public async Task What_cannot_leave_is_told_at_the_next_write_and_never_passes_for_the_end()
    {
        using var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();
        await WriteAsync(call, 2);
        var waiting = call.RequestStream.WriteAsync(new Note { Text = new string('x', 100_000) });

        _http.Fail(new IOException("The line is cut."));

        var failure = await Assert.ThrowsAsync<RpcException>(() => waiting.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Unavailable, failure.StatusCode);
        await Assert.ThrowsAsync<RpcException>(() => WriteAsync(call, 4));
        await call.RequestStream.CompleteAsync().WaitAsync(EchoHost.Patience);
        Assert.False(_http.HasWrite);
        Assert.False(_http.Body.IsCompleted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_calls_end_lets_go_whoever_waits(bool byToken)
    {
        using var stop = new CancellationTokenSource();
        using var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();
        var waiting = call.RequestStream.WriteAsync(new Note { Text = new string('x', 100_000) }, stop.Token);
        Assert.False(waiting.IsCompleted);

        if (byToken)
            await stop.CancelAsync();
        else
            call.Dispose();

        var failure = await Assert.ThrowsAsync<RpcException>(() => waiting.WaitAsync(EchoHost.Patience));
        Assert.Equal(StatusCode.Cancelled, failure.StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        await call.RequestStream.CompleteAsync().WaitAsync(EchoHost.Patience);
        Assert.False(_http.HasWrite);
    }

    [Fact]
    public async Task The_calls_end_lets_go_whoever_completes_and_does_not_pass_for_the_streams()
    {
        var call = Client.Gather();
        await WriteAsync(call, 1);
        await _http.NextWriteAsync();
        await WriteAsync(call, 2);
        var completing = call.RequestStream.CompleteAsync();

        call.Dispose();

        await completing.WaitAsync(EchoHost.Patience);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _http.Body.WaitAsync(EchoHost.Patience));
        Assert.False(_http.HasWrite);
    }

    [Fact]
    public async Task A_message_that_cannot_be_written_leaves_those_around_it_alone()
    {
        var marshaller = Marshallers.Create(
            (string text) => text == "bad" ? throw new FormatException(text) : new Note { Text = text }.ToByteArray(), bytes => Note.Parser.ParseFrom(bytes).Text);
        var method = new Method<string, string>(MethodType.ClientStreaming, "grpctests.v1.Echo", "Gather", marshaller, marshaller);
        using var call = _channel.CreateCallInvoker().AsyncClientStreamingCall(method, null, default);
        await call.RequestStream.WriteAsync("one");
        await _http.NextWriteAsync();

        await call.RequestStream.WriteAsync("two");
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync("bad"));
        await call.RequestStream.WriteAsync("three");
        _http.Take();

        Assert.Equal(StatusCode.Internal, failure.StatusCode);
        Assert.Equal(["two", "three"], NotesOf(await _http.NextWriteAsync()).Select(note => note.Text));
    }

    private static Task WriteAsync(AsyncClientStreamingCall<Note, Note> call, int number) => call.RequestStream.WriteAsync(new Note { Number = number });

    private static IEnumerable<int> NumbersOf(byte[] written) => NotesOf(written).Select(note => note.Number);

    private static List<Note> NotesOf(byte[] written)
    {
        var notes = new List<Note>();
        for (var rest = written.AsSpan(); !rest.IsEmpty;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(rest[1..PrefixBytes]);
            notes.Add(Note.Parser.ParseFrom(rest.Slice(PrefixBytes, length)));
            rest = rest[(PrefixBytes + length)..];
        }

        return notes;
    }
}
