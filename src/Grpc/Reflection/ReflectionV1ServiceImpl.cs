using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Grpc.Reflection;

/// <summary>Server reflection, version 1.</summary>
/// <remarks>Source: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md.</remarks>
public class ReflectionV1ServiceImpl : ServerReflection.ServerReflectionBase
{
    private readonly ReflectionAnswers _answers;

    /// <summary>Tells of services by their names, and of what the registry holds.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public ReflectionV1ServiceImpl(IEnumerable<string> services, SymbolRegistry symbolRegistry)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(symbolRegistry);
        _answers = new(services, symbolRegistry);
    }

    internal ReflectionV1ServiceImpl(ReflectionAnswers answers) => _answers = answers;

    /// <summary>Tells of these services and of the files that declare them.</summary>
    /// <exception cref="ArgumentNullException">The argument is null.</exception>
    public ReflectionV1ServiceImpl(IEnumerable<ServiceDescriptor> serviceDescriptors)
        : this(ReflectionAnswers.Of(serviceDescriptors))
    {
    }

    /// <summary>Tells of these services and of the files that declare them.</summary>
    public ReflectionV1ServiceImpl(params ServiceDescriptor[] serviceDescriptors)
        : this((IEnumerable<ServiceDescriptor>)serviceDescriptors)
    {
    }

    /// <inheritdoc/>
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream, IServerStreamWriter<ServerReflectionResponse> responseStream, ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(requestStream);
        ArgumentNullException.ThrowIfNull(responseStream);
        while (await requestStream.MoveNext(CancellationToken.None).ConfigureAwait(false))
            await responseStream.WriteAsync(_answers.To(requestStream.Current)).ConfigureAwait(false);
    }
}
