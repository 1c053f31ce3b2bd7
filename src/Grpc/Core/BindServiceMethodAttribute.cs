namespace Grpc.Core;

/// <summary>Says where a generated service base class has its static method that lists its methods.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = true)]
public class BindServiceMethodAttribute : Attribute
{
    /// <summary>Names the type and its method.</summary>
    public BindServiceMethodAttribute(Type bindType, string bindMethodName) =>
        (BindType, BindMethodName) = (bindType, bindMethodName);

    /// <summary>The generated static class.</summary>
    public Type BindType { get; }

    /// <summary>Its method, which takes a <see cref="ServiceBinderBase"/> and a service.</summary>
    public string BindMethodName { get; }
}
