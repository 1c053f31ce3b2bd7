using System.Reflection;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Grpc.AspNetCore.Server.Mapping;

/// <summary>Finds the methods of a service class by the generated code that it derives from.</summary>
internal sealed class ServiceBinder<TService> : IServiceMethodProvider<TService>
    where TService : class
{
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TService> context)
    {
        for (var type = typeof(TService); type is not null; type = type.BaseType)
        {
            if (type.GetCustomAttribute<BindServiceMethodAttribute>(inherit: false) is not { } attribute)
                continue;

            var list = attribute.BindType.GetMethod(
                attribute.BindMethodName, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static, [typeof(ServiceBinderBase), type])
                ?? throw new InvalidOperationException($"{attribute.BindType} has no static {attribute.BindMethodName}(ServiceBinderBase, {type.Name}).");
            list.Invoke(null, [new Binder(context, type), null]);
            return;
        }
    }

    private sealed class Binder(ServiceMethodProviderContext<TService> context, Type generatedBase) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Core.UnaryServerMethod<TRequest, TResponse>? handler)
        {
            var declared = Find(method, typeof(TRequest), typeof(ServerCallContext));
            context.AddUnaryMethod(method, Attributes(declared), Open<Model.UnaryServerMethod<TService, TRequest, TResponse>>(declared));
        }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Core.ClientStreamingServerMethod<TRequest, TResponse>? handler)
        {
            var declared = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
            context.AddClientStreamingMethod(
                method, Attributes(declared), Open<Model.ClientStreamingServerMethod<TService, TRequest, TResponse>>(declared));
        }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Core.ServerStreamingServerMethod<TRequest, TResponse>? handler)
        {
            var declared = Find(method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
            context.AddServerStreamingMethod(
                method, Attributes(declared), Open<Model.ServerStreamingServerMethod<TService, TRequest, TResponse>>(declared));
        }

        public override void AddMethod<TRequest, TResponse>(
            Method<TRequest, TResponse> method, Core.DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        {
            var declared = Find(
                method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
            context.AddDuplexStreamingMethod(
                method, Attributes(declared), Open<Model.DuplexStreamingServerMethod<TService, TRequest, TResponse>>(declared));
        }

        // Opened over the service, so that a call of the generated virtual method reaches its override.
        private static TDelegate Open<TDelegate>(MethodInfo declared)
            where TDelegate : Delegate => declared.CreateDelegate<TDelegate>();

        private static object[] Attributes(MethodInfo declared) =>
            [.. typeof(TService).GetCustomAttributes(inherit: true), .. MostDerived(declared).GetCustomAttributes(inherit: true)];

        private static MethodInfo MostDerived(MethodInfo declared)
        {
            Type[] parameters = [.. declared.GetParameters().Select(parameter => parameter.ParameterType)];
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

        private MethodInfo Find(IMethod method, params Type[] parameters) =>
            generatedBase.GetMethod(method.Name, BindingFlags.Public | BindingFlags.Instance, parameters)
            ?? throw new InvalidOperationException($"{generatedBase} has no method {method.Name} for {method.FullName}.");
    }
}
