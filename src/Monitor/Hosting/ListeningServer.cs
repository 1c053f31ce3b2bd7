using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Settings;

namespace Monitor.Hosting;

/// <summary>A server that says in the user's words why it cannot listen.</summary>
internal sealed class ListeningServer(IServer server, MonitorOptions options) : IServer
{
    public IFeatureCollection Features => server.Features;

    public async Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        try
        {
            await server.StartAsync(application, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException refusal)
        {
            throw new SetupException(
                $"The monitor cannot listen on {options.Host}:{options.Port}: {refusal.Message} Stop what has the port, or set Monitor.Port.", refusal);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(cancellationToken);

    // The container disposes the server itself.
    public void Dispose()
    {
    }
}
