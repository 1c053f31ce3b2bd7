using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Settings;

namespace Gateway.Hosting;

/// <summary>The web server, which says what to do where it cannot listen.</summary>
internal sealed class ListeningServer(IServer inner, string endpoint) : IServer
{
    /// <inheritdoc/>
    public IFeatureCollection Features => inner.Features;

    /// <summary>Puts itself around the server that is registered.</summary>
    public static void Wrap(IServiceCollection services, string endpoint)
    {
        var registered = services.Last(s => s.ServiceType == typeof(IServer));
        services.Remove(registered);
        services.AddSingleton<IServer>(provider => new ListeningServer(
            (IServer)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!), endpoint));
    }

    /// <inheritdoc/>
    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        try
        {
            await inner.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw new SetupException(
                $"The gateway cannot listen on {endpoint}: {e.InnerException?.Message ?? e.Message}. Stop what holds the port, or set the gateway's Port to a free one.", e);
        }
        catch (System.Net.Sockets.SocketException e)
        {
            throw new SetupException($"The gateway cannot listen on {endpoint}: {e.Message}. Set the gateway's Host and Port to an address of this machine and a port it may use.", e);
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => inner.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}
