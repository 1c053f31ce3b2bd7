using Grpc.Core;
using Grpc.Tests.V1;

namespace Grpc.Tests;

/// <summary>Runs whatever handler the test at hand gives it. What is not given echoes.</summary>
internal sealed class EchoService : Echo.EchoBase
{
    public UnaryServerMethod<Note, Note> OnSay { get; set; } = (note, _) => Task.FromResult(note);

    public ClientStreamingServerMethod<Note, Note> OnGather { get; set; } = async (notes, _) =>
    {
        var sum = new Note();
        await foreach (var note in notes.ReadAllAsync())
        {
            sum.Number += note.Number;
            sum.Text += note.Text;
        }

        return sum;
    };

    public ServerStreamingServerMethod<Note, Note> OnRepeat { get; set; } = async (note, notes, _) =>
    {
        for (var i = 0; i < note.Number; i++)
            await notes.WriteAsync(new Note { Text = note.Text, Number = i });
    };

    public DuplexStreamingServerMethod<Note, Note> OnChat { get; set; } = async (requests, responses, _) =>
    {
        await foreach (var note in requests.ReadAllAsync())
            await responses.WriteAsync(note);
    };

    public override Task<Note> Say(Note request, ServerCallContext context) => OnSay(request, context);

    public override Task<Note> Gather(IAsyncStreamReader<Note> requestStream, ServerCallContext context) => OnGather(requestStream, context);

    public override Task Repeat(Note request, IServerStreamWriter<Note> responseStream, ServerCallContext context) =>
        OnRepeat(request, responseStream, context);

    public override Task Chat(IAsyncStreamReader<Note> requestStream, IServerStreamWriter<Note> responseStream, ServerCallContext context) =>
        OnChat(requestStream, responseStream, context);
}
