using Grpc.AspNetCore.Server.Calls;
using Grpc.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Answers UNIMPLEMENTED for methods that nobody mapped, and leaves every request that is no call to others.</summary>
internal sealed class UnknownServices(ServerLog log)
{
    private readonly HashSet<string> _services = [];
    private bool _areAnswered;

    /// <summary>Answers for services that are not mapped, once per application.</summary>
    public void MapServices(IEndpointRouteBuilder routes)
    {
        if (_areAnswered)
            return;
        _areAnswered = true;
        Map(routes, "{unknownService}/{unknownMethod}", "Service is unimplemented.");
    }

    /// <summary>Answers for methods that a mapped service does not have.</summary>
    public void MapMethods(IEndpointRouteBuilder routes, string serviceName)
    {
        if (_services.Add(serviceName))
            Map(routes, $"{serviceName}/{{unknownMethod}}", "Method is unimplemented.");
    }

    private void Map(IEndpointRouteBuilder routes, string pattern, string detail)
    {
        // No HTTP method is given: with one, routing would answer 405 for paths of other endpoints' own 404.
        var route = RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: new { unknownMethod = new OnlyCalls() });
        routes.Map(route, http => CallRejection.Unimplemented(http, log, detail)).WithDisplayName($"gRPC - {detail}").WithMetadata(new Answer());
    }

    /// <summary>Marks the endpoints that answer for what nobody mapped.</summary>
    internal sealed class Answer;

    private sealed class OnlyCalls : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null
            && HttpMethods.IsPost(httpContext.Request.Method)
            && WireHeaders.IsGrpc(httpContext.Request.ContentType);
    }
}
