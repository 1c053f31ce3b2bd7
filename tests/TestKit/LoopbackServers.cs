using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace TestKit;

/// <summary>What fakes that listen on loopback, go away and come back on the same port have in common.</summary>
internal static class LoopbackServers
{
    extension(WebApplication server)
    {
        /// <summary>The port of its one address.</summary>
        public int Port =>
            new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;

        /// <summary>Cuts every connection and stops listening.</summary>
        public async Task CutAsync()
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await server.StopAsync(now.Token);
            await server.DisposeAsync();
        }
    }
}
