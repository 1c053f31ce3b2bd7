using Microsoft.AspNetCore.Builder;

namespace TestKit;

/// <summary>What fakes that listen on loopback, go away and come back on the same port have in common.</summary>
internal static class LoopbackServers
{
    extension(WebApplication server)
    {
        /// <summary>Cuts every connection and stops listening.</summary>
        public async Task CutAsync()
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await server.StopAsync(now.Token);
            await server.DisposeAsync();
        }
    }
}
