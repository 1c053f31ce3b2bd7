using Grpc.Core;

namespace Grpc.Net.Client.Credentials;

/// <summary>Asks call credentials for the metadata that they add, in order.</summary>
internal sealed class CallCredentialsRun : CallCredentialsConfiguratorBase
{
    private readonly List<AsyncAuthInterceptor> _interceptors = [];

    public static async Task<Metadata> CollectAsync(
        CallCredentials? ofChannel, CallCredentials? ofCall, AuthInterceptorContext context)
    {
        var run = new CallCredentialsRun();
        ofChannel?.InternalPopulateConfiguration(run, null);
        ofCall?.InternalPopulateConfiguration(run, null);

        var metadata = new Metadata();
        foreach (var interceptor in run._interceptors)
            await interceptor(context, metadata).ConfigureAwait(false);
        return metadata;
    }

    public override void SetCompositeCredentials(object? state, IReadOnlyList<CallCredentials> credentials)
    {
        foreach (var part in credentials)
            part.InternalPopulateConfiguration(this, state);
    }

    public override void SetAsyncAuthInterceptorCredentials(object? state, AsyncAuthInterceptor interceptor) => _interceptors.Add(interceptor);
}
