using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Tests.V1;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit.Abstractions;

namespace Grpc.Tests.Http2;

/// <summary>
/// Conversations with something odd about them, over real connections to a real server: it answers or hangs up, blames no handler, keeps nothing, and
/// goes on serving others. <c>STREAMS_LONG=1</c> holds 50,000 of them; <c>STREAMS_SEED</c> repeats a run.
/// </summary>
[Collection(nameof(ConnectionFuzzTests))]
public sealed class ConnectionFuzzTests(ITestOutputHelper output)
{
    private const long MostBytesKept = 64 * 1024 * 1024;

    [Fact]
    public async Task Whatever_a_connection_brings_it_ends_and_the_next_call_is_served()
    {
        var rounds = Environment.GetEnvironmentVariable("STREAMS_LONG") == "1" ? 50_000 : 400;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("STREAMS_SEED"), out var given) ? given : Environment.TickCount;
        output.WriteLine($"STREAMS_SEED={seed}");
        var random = new Random(seed);
        var errors = new ErrorLog();
        await using var host = await EchoHost.StartAsync(services: services => services.AddSingleton<ILoggerProvider>(errors));
        var open = 0;
        Count(host.Service, change => Interlocked.Add(ref open, change));
        var client = host.Client();
        var (before, answered) = (0L, 0);

        for (var round = 0; round < rounds; round++)
        {
            var conversation = new OddConversation(random);
            try
            {
                answered += await HoldAsync(host, conversation, random);
                Assert.Equal("well", (await client.SayAsync(new Note { Text = "well" }).ResponseAsync.WaitAsync(EchoHost.Patience)).Text);
                Assert.True(errors.Seen.IsEmpty, string.Join('\n', errors.Seen));
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"STREAMS_SEED={seed}, round {round}, odd {conversation.Oddity}: {Convert.ToHexString(conversation.Bytes)}", exception);
            }

            // Buffers and caches have found their size by then.
            if (round == rounds / 2)
                before = GC.GetTotalMemory(forceFullCollection: true);
        }

        using var limit = new CancellationTokenSource(EchoHost.Patience);
        while (Volatile.Read(ref open) > 0)
            await client.SayAsync(new Note(), cancellationToken: limit.Token);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, MostBytesKept);
        Assert.InRange(answered, rounds / 2, int.MaxValue);
    }

    /// <summary>Sends it all, in pieces of any size, and sees it through to its end.</summary>
    /// <returns>How many calls were answered.</returns>
    private static async Task<int> HoldAsync(EchoHost host, OddConversation conversation, Random random)
    {
        using var connection = await RawConnection.ToAsync(host);
        try
        {
            for (var at = 0; at < conversation.Bytes.Length;)
            {
                var length = Math.Min(conversation.Bytes.Length - at, 1 + random.Next(40_000));
                await connection.SendAsync(conversation.Bytes.AsMemory(at, length));
                at += length;
            }

            // Sound HTTP/2 is answered, whatever it carries. Of the rest nobody knows what the server is still waiting for.
            var waiting = new HashSet<int>(conversation.Asked);
            if (conversation.Oddity == Oddity.Messages)
            {
                while (waiting.Count > 0)
                {
                    var frame = await connection.ReadAsync() ?? throw new InvalidDataException("The server hung up on a connection that is sound HTTP/2.");
                    if (frame.Type == FrameType.GoAway)
                        throw new InvalidDataException($"The server took leave with error {frame.NumberAt(4)} of a connection that is sound HTTP/2.");
                    if (frame.EndsStream || frame.Type == FrameType.RstStream)
                        waiting.Remove(frame.Stream);
                }
            }

            if (random.Next(4) == 0)
                return conversation.Asked.Count - waiting.Count; // and is gone without a word
            connection.FinishSending();
            while (await connection.ReadAsync() is { } frame)
            {
                if (frame.EndsStream)
                    waiting.Remove(frame.Stream);
            }

            return conversation.Asked.Count - waiting.Count;
        }
        catch (IOException)
        {
            return 0; // The server had enough before it had heard all.
        }
    }

    /// <summary>Keeps the service's handlers, and counts those that run.</summary>
    private static void Count(EchoService service, Action<int> add)
    {
        var (say, gather, repeat, chat) = (service.OnSay, service.OnGather, service.OnRepeat, service.OnChat);
        service.OnSay = async (note, context) =>
        {
            using var counted = new Counted(add);
            return await say(note, context);
        };
        service.OnGather = async (notes, context) =>
        {
            using var counted = new Counted(add);
            return await gather(notes, context);
        };
        service.OnRepeat = async (note, notes, context) =>
        {
            using var counted = new Counted(add);
            await repeat(new Note(note) { Number = note.Number % 100 }, notes, context);
        };
        service.OnChat = async (requests, responses, context) =>
        {
            using var counted = new Counted(add);
            await chat(requests, responses, context);
        };
    }

    private sealed class Counted : IDisposable
    {
        private readonly Action<int> _add;

        public Counted(Action<int> add)
        {
            _add = add;
            add(1);
        }

        public void Dispose() => _add(-1);
    }

    /// <summary>What anyone in the server logs as an error.</summary>
    private sealed class ErrorLog : ILoggerProvider, ILogger
    {
        // Kestrel's own, about an answer that is ready when its connection is gone already. Its queue then takes nothing more, full or not.
        private const string AnswerAfterTheEnd = "Http2QueueOperationsExceeded";

        public ConcurrentQueue<string> Seen { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && eventId.Name != AnswerAfterTheEnd)
                Seen.Enqueue($"{formatter(state, exception)} {exception}");
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}

/// <summary>It measures the process's memory, so nothing else runs beside it.</summary>
[CollectionDefinition(nameof(ConnectionFuzzTests), DisableParallelization = true)]
public sealed class ConnectionFuzzAlone;
