using Broker.Groups;
using Kafka.Protocol;
using Kafka.Protocol.Messages;

namespace Broker.Server;

/// <summary>Reads a request's body and answers it.</summary>
internal delegate ValueTask<Answer> ApiHandler(ReadOnlyMemory<byte> body, RequestContext from, CancellationToken cancellation);

/// <summary>Who answers which API. What is not in here is not offered to clients.</summary>
internal sealed class ApiTable
{
    private readonly Dictionary<ApiKey, ApiHandler> _handlers = [];

    /// <summary>What clients are told: the protocol's table less what nobody answers here.</summary>
    public IEnumerable<OfferedVersions> Offered => OfferedApis.All.Where(offered => _handlers.ContainsKey(offered.Api));

    public void On<TRequest, TResponse>(Func<TRequest, RequestContext, CancellationToken, ValueTask<TResponse>> answer)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse> =>
        Add<TRequest>(async (request, from, cancellation) => new(await answer(request, from, cancellation).ConfigureAwait(false)));

    public void On<TRequest, TResponse>(Func<TRequest, RequestContext, TResponse> answer)
        where TRequest : IRequest<TRequest, TResponse>
        where TResponse : IMessage<TResponse> =>
        Add<TRequest>((request, from, _) => new(new Answer(answer(request, from))));

    /// <summary>For answers that borrow buffers, or that may not be.</summary>
    public void Add<TRequest>(Func<TRequest, RequestContext, CancellationToken, ValueTask<Answer>> answer)
        where TRequest : IRequest<TRequest> =>
        _handlers.Add(TRequest.Api, (body, from, cancellation) => answer(Read<TRequest>(body, from.Version), from, cancellation));

    public ApiHandler? Find(ApiKey api, short version) =>
        OfferedApis.Accepts(api, version) ? _handlers.GetValueOrDefault(api) : null;

    private static TRequest Read<TRequest>(ReadOnlyMemory<byte> body, short version)
        where TRequest : IRequest<TRequest>
    {
        var reader = new ProtocolReader(body);
        var request = TRequest.Read(ref reader, version);
        return reader.Remaining == 0
            ? request
            : throw new ProtocolException($"Malformed Kafka frame: {reader.Remaining} bytes follow the {TRequest.Api} request v{version}.");
    }
}
