using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeAgent;
using Settings;

namespace Shop;

/// <summary>The shop's services, by name.</summary>
public static class ShopServices
{
    /// <summary>The services that there are.</summary>
    public static IReadOnlyList<string> Names => [];

    /// <summary>Puts one service together, a node of its own. The caller starts, stops and disposes it.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="agent">The node it speaks as, and the gateways it ships to.</param>
    /// <param name="logging">Where its log goes besides.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SetupException">There is no service of that name.</exception>
    public static IHost Build(string name, AgentOptions agent, Action<ILoggingBuilder> logging, TimeProvider time) =>
        throw new SetupException($"There is no service '{name}'; the services are {string.Join(", ", Names)}.");
}
