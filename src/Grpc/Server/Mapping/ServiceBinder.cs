using System.Reflection;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Finds what handles each method of a service class that is made per call.</summary>
internal sealed class ServiceBinder<TService>(MethodEndpoints endpoints) : ServiceBinderBase
    where TService : class
{
    private readonly ServiceActivator<TService> _services = new();
    private Type _generatedBase = typeof(TService);

    /// <summary>Has the generated code list the service's methods.</summary>
    /// <exception cref="InvalidOperationException">The class does not derive from a generated service.</exception>
    public void Bind()
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } attribute)
                continue;

            _generatedBase = type;
            var list = attribute.BindType.GetMethod(
                attribute.BindMethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, [typeof(ServiceBinderBase), type])
                ?? throw new InvalidOperationException($"{attribute.BindType} has no static {attribute.BindMethodName}(ServiceBinderBase, {type.Name}).");
            list.Invoke(null, [this, null]);
            return;
        }

        throw new InvalidOperationException(
            $"{typeof(TService)} is no gRPC service: it must derive from the base class that Grpc.Tools generates, such as Greeter.GreeterBase.");
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var call = Open<Func<TService, TRequest, ServerCallContext, Task<TResponse>>>(method, typeof(TRequest), typeof(ServerCallContext));
        endpoints.AddMethod(method, new UnaryServerMethod<TRequest, TResponse>(
            (request, context) => call(_services.Get(context), request, context)));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var call = Open<Func<TService, IAsyncStreamReader<TRequest>, ServerCallContext, Task<TResponse>>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        endpoints.AddMethod(method, new ClientStreamingServerMethod<TRequest, TResponse>(
            (requests, context) => call(_services.Get(context), requests, context)));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var call = Open<Func<TService, TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        endpoints.AddMethod(method, new ServerStreamingServerMethod<TRequest, TResponse>(
            (request, responses, context) => call(_services.Get(context), request, responses, context)));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var call = Open<Func<TService, IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task>>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        endpoints.AddMethod(method, new DuplexStreamingServerMethod<TRequest, TResponse>(
            (requests, responses, context) => call(_services.Get(context), requests, responses, context)));
    }

    /// <summary>Opens the generated virtual method over the service, so that a call reaches its override.</summary>
    private TDelegate Open<TDelegate>(IMethod method, params Type[] parameters)
        where TDelegate : Delegate
    {
        var declared = _generatedBase.GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{_generatedBase} has no method {method.Name} for {method.FullName}.");
        endpoints.NextAttributes = [.. Attributes(typeof(TService)), .. Attributes(MostDerived(declared, parameters))];
        return declared.CreateDelegate<TDelegate>();
    }

    private static MethodInfo MostDerived(MethodInfo declared, Type[] parameters)
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly;
            if (type.GetMethod(declared.Name, Own, parameters) is { } candidate
                && candidate.GetBaseDefinition() == declared.GetBaseDefinition())
            {
                return candidate;
            }
        }

        return declared;
    }

    private static object[] Attributes(MemberInfo member) => member.GetCustomAttributes(inherit: true);
}
