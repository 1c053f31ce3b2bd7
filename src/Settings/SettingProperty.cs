using System.ComponentModel;
using System.Reflection;

namespace Settings;

/// <summary>A property of an options class, and what kind of setting it is.</summary>
internal sealed class SettingProperty
{
    private static readonly string[] _secretWords = ["Password", "Passphrase", "Secret", "Token"];

    private SettingProperty(PropertyInfo property, SettingShape shape)
    {
        Property = property;
        Shape = shape;
        Type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
    }

    public PropertyInfo Property { get; }

    public SettingShape Shape { get; }

    /// <summary>The property's type, without "nullable".</summary>
    public Type Type { get; }

    public string Name => SettingName.Display(Property.Name);

    /// <summary>A count of bytes, which may be written as a size.</summary>
    public bool IsSize => Property.Name.Contains("Bytes", StringComparison.Ordinal) && (Type == typeof(int) || Type == typeof(long));

    /// <summary>A value that is never printed: marked, or a text named for what it holds. A file's path is no secret.</summary>
    public bool IsSecret =>
        Property.IsDefined(typeof(SecretAttribute))
        || (Type == typeof(string)
            && !Property.Name.EndsWith("File", StringComparison.Ordinal)
            && !Property.Name.EndsWith("Path", StringComparison.Ordinal)
            && (_secretWords.Any(word => Property.Name.Contains(word, StringComparison.Ordinal))
                || Property.Name.EndsWith("Key", StringComparison.Ordinal)));

    /// <summary>The settings of an options class, in the order it declares them.</summary>
    public static IReadOnlyList<SettingProperty> Of(Type options) =>
    [
        .. from property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
           where property.GetMethod is { IsPublic: true } && property.GetIndexParameters().Length == 0
           where property.GetCustomAttribute<BrowsableAttribute>() is not { Browsable: false }
           let shape = SettingShapes.Of(property.PropertyType)
           where shape is not SettingShape.None && (property.SetMethod is { IsPublic: true } || shape is not SettingShape.Value)
           select new SettingProperty(property, shape),
    ];
}
