using System.Reflection;

namespace Grpc.Tests.Api;

/// <summary>Writes an assembly's public types and members as lines, the way promised.txt has them.</summary>
/// <remarks>
/// Nullability, constraints, default values and parameters' modifiers but <c>out</c> are left out: what remains is what decides
/// whether a call or an override compiles.
/// </remarks>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(object)] = "object", [typeof(string)] = "string", [typeof(bool)] = "bool",
        [typeof(byte)] = "byte", [typeof(int)] = "int", [typeof(long)] = "long", [typeof(double)] = "double",
    };

    /// <summary>Each public type's line, and the lines of its members.</summary>
    public static IReadOnlyDictionary<string, IReadOnlySet<string>> Of(Assembly assembly) =>
        assembly.GetExportedTypes().ToDictionary(TypeLine, type => (IReadOnlySet<string>)Members(type).ToHashSet());

    private static string TypeLine(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"{type.Namespace}: delegate {Name(invoke.ReturnType)} {Name(type)}({Parameters(invoke)})";
        }

        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsValueType: true } => "struct",
            { IsInterface: true } => "interface",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        return $"{type.Namespace}: {kind} {Name(type)}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
            return Enum.GetValues(type).Cast<object>().Select(value => $"{value}={Convert.ToInt32(value)}");
        if (type.IsSubclassOf(typeof(Delegate)))
            return [];

        return
        [
            .. type.GetConstructors(Declared).Where(IsVisible).Select(constructor => $"ctor({Parameters(constructor)})"),
            .. type.GetFields(Declared).Where(field => field.IsPublic).Select(FieldLine),
            .. type.GetProperties(Declared).Where(property => IsVisible(property.GetMethod ?? property.SetMethod!)).Select(PropertyLine),
            .. type.GetMethods(Declared).Where(method => IsVisible(method) && !method.IsSpecialName).Select(MethodLine),
        ];
    }

    private static string FieldLine(FieldInfo field) => field.IsLiteral
        ? $"const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}"
        : $"{(field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}";

    private static string PropertyLine(PropertyInfo property)
    {
        var index = property.GetIndexParameters() is [var parameter] ? $"[{Name(parameter.ParameterType)} {parameter.Name}]" : "";
        var accessors = property.SetMethod is { } set && IsVisible(set) ? "{ get; set; }" : "{ get; }";
        return $"{Modifiers(property.GetMethod!)}{Name(property.PropertyType)} {property.Name}{index} {accessors}";
    }

    private static string MethodLine(MethodInfo method) =>
        $"{Modifiers(method)}{Name(method.ReturnType)} {method.Name}{Arguments(method.GetGenericArguments())}({Parameters(method)})";

    private static string Modifiers(MethodInfo method)
    {
        var overrides = method.GetBaseDefinition() != method;
        var kind = method switch
        {
            { IsStatic: true } => "static ",
            { DeclaringType.IsInterface: true } => "",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true, IsFinal: false } when !overrides => "virtual ",
            _ => "",
        };
        return (method.IsPublic ? "" : "protected ") + kind;
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(parameter =>
        $"{(parameter.IsOut ? "out " : "")}{Name(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? " =" : "")}"));

    private static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return Name(underlying);
        if (type.IsGenericParameter)
            return type.Name;

        var own = type.Name.Split('`')[0] + Arguments(type.GetGenericArguments());
        return type.DeclaringType is { } outer ? $"{outer.Name.Split('`')[0]}.{own}" : own;
    }

    private static string Arguments(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(Name))}>";
}
