using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Where a path leads to a mapped method, routing need not look at those that answer for unknown ones, request by request.</summary>
/// <remarks>The method would win over them anyway: its path is literal, theirs has parameters. Decided once, when the routes are built.</remarks>
internal sealed class KnownMethodPolicy : MatcherPolicy, INodeBuilderPolicy
{
    // After those of ASP.NET Core that tell endpoints of one path apart, by HTTP method, host and content type.
    public override int Order => 1000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(IsForUnknown) && endpoints.Any(IsMethod);

    public IReadOnlyList<PolicyNodeEdge> GetEdges(IReadOnlyList<Endpoint> endpoints) =>
        [new PolicyNodeEdge(typeof(KnownMethodPolicy), [.. endpoints.Where(endpoint => !IsForUnknown(endpoint))])];

    public PolicyJumpTable BuildJumpTable(int exitDestination, IReadOnlyList<PolicyJumpTableEdge> edges) => new OneWay(edges[0].Destination);

    private static bool IsForUnknown(Endpoint endpoint) => endpoint.Metadata.GetMetadata<UnknownServices.Answer>() is not null;

    private static bool IsMethod(Endpoint endpoint) =>
        endpoint is RouteEndpoint { RoutePattern.Parameters.Count: 0 } && endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null;

    private sealed class OneWay(int destination) : PolicyJumpTable
    {
        public override int GetDestination(HttpContext httpContext) => destination;
    }
}
