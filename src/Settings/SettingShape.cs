namespace Settings;

/// <summary>What a setting looks like when written.</summary>
internal enum SettingShape
{
    /// <summary>Not a setting: a delegate, a certificate, a service.</summary>
    None,

    /// <summary>One value.</summary>
    Value,

    /// <summary>Values in order.</summary>
    List,

    /// <summary>Values under names of the operator's choice.</summary>
    Dictionary,

    /// <summary>An options class of its own.</summary>
    Section,
}

internal static class SettingShapes
{
    public static SettingShape Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (SettingText.CanRead(type))
            return SettingShape.Value;
        if (DictionaryValue(type) is { } value)
            return Of(value) is SettingShape.Value or SettingShape.Section ? SettingShape.Dictionary : SettingShape.None;
        if (ListItem(type) is { } item)
            return Of(item) is SettingShape.Value or SettingShape.Section ? SettingShape.List : SettingShape.None;
        return type is { IsClass: true, IsAbstract: false }
            && type.GetConstructor(Type.EmptyTypes) is not null
            && type.Namespace?.StartsWith("System", StringComparison.Ordinal) is not true
            && !type.IsSubclassOf(typeof(Delegate))
            ? SettingShape.Section
            : SettingShape.None;
    }

    /// <summary>The type of a list's items; null where the type is no list.</summary>
    public static Type? ListItem(Type type) => type.IsArray ? type.GetElementType() : Argument(type, typeof(IEnumerable<>), 0);

    /// <summary>The type of a dictionary's values, its keys being text; null where the type is no such dictionary.</summary>
    public static Type? DictionaryValue(Type type) =>
        Argument(type, typeof(IDictionary<,>), 0) == typeof(string) ? Argument(type, typeof(IDictionary<,>), 1)
        : Argument(type, typeof(IReadOnlyDictionary<,>), 0) == typeof(string) ? Argument(type, typeof(IReadOnlyDictionary<,>), 1)
        : null;

    private static Type? Argument(Type type, Type definition, int index) =>
        type.GetInterfaces()
            .Prepend(type)
            .FirstOrDefault(face => face.IsGenericType && face.GetGenericTypeDefinition() == definition)?
            .GetGenericArguments()[index];
}
