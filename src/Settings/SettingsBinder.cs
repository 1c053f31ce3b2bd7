using System.Collections;
using System.Globalization;

namespace Settings;

/// <summary>Writes nodes into options, noting every fault rather than stopping at the first.</summary>
internal sealed class SettingsBinder
{
    /// <summary>One sentence for each thing that is wrong.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Where each setting that was given was written, by its path.</summary>
    public Dictionary<string, SettingOrigin> Origins { get; } = new(SettingName.Comparer);

    public void Bind(SettingSection settings, object options) => BindSection(settings, options, "");

    private void BindSection(SettingSection section, object options, string path)
    {
        var properties = SettingProperty.Of(options.GetType());
        foreach (var (name, node) in section.Entries)
        {
            if (properties.FirstOrDefault(p => SettingName.Comparer.Equals(p.Property.Name, name)) is not { } property)
            {
                Unknown(SettingName.Path(path, name), name, FirstValue(node).Origin, [.. properties.Select(p => p.Name)]);
                continue;
            }

            var propertyPath = SettingName.Path(path, property.Name);
            Origins[propertyPath] = node.Origin;
            BindProperty(node, options, property, propertyPath);
        }
    }

    private void BindProperty(SettingNode node, object options, SettingProperty property, string path)
    {
        var info = property.Property;
        if (node is SettingValue { Text: null })
        {
            // "key:" with nothing after it keeps a default that cannot be empty.
            if (property.Shape is SettingShape.Value && info.CanWrite && IsNullable(info))
                info.SetValue(options, null);
            return;
        }

        var current = info.GetValue(options);
        switch (property.Shape)
        {
            case SettingShape.Section when node is SettingSection section:
                if (current is null && info.CanWrite)
                    info.SetValue(options, current = Activator.CreateInstance(property.Type));
                if (current is not null)
                    BindSection(section, current, path);
                break;
            case SettingShape.List:
                SetList(ReadList(node, property, path), options, property, current);
                break;
            case SettingShape.Dictionary when node is SettingSection section:
                SetDictionary(ReadDictionary(section, property, path), options, property, current);
                break;
            case SettingShape.Value:
                if (ReadValue(node, property.Type, property, path) is { } value)
                    info.SetValue(options, value);
                break;
            default:
                Wrong(path, node, property, "a section of named settings");
                break;
        }
    }

    private object? Read(SettingNode node, Type type, SettingProperty property, string path)
    {
        if (SettingShapes.Of(type) is not SettingShape.Section)
            return ReadValue(node, type, property, path);
        if (node is not SettingSection section)
        {
            Wrong(path, node, property, "a section of named settings");
            return null;
        }

        var options = Activator.CreateInstance(type)!;
        BindSection(section, options, path);
        return options;
    }

    private object? ReadValue(SettingNode node, Type type, SettingProperty property, string path)
    {
        if (node is not SettingValue { Text: { } text })
        {
            Wrong(path, node, property, "a single value");
            return null;
        }

        if (SettingText.Read(text, type, property.IsSize, out var value) is { } expected)
            Wrong(path, node, property, expected);
        return value;
    }

    private List<object> ReadList(SettingNode node, SettingProperty property, string path)
    {
        var type = SettingShapes.ListItem(property.Type)!;
        var items = node switch
        {
            SettingList list => list.Items,
            SettingSection section when Numbered(section) is { } numbered => numbered,
            _ => [node],
        };
        return [.. items.Select((item, i) => Read(item, type, property, $"{path}[{i}]")).OfType<object>()];
    }

    private Dictionary<string, object> ReadDictionary(SettingSection section, SettingProperty property, string path)
    {
        var type = SettingShapes.DictionaryValue(property.Type)!;
        var values = new Dictionary<string, object>();
        foreach (var (name, node) in section.Entries)
        {
            if (Read(node, type, property, SettingName.Path(path, name)) is { } value)
                values[name] = value;
        }

        return values;
    }

    // The environment has no lists: STREAMS__Agent__Tail__0, STREAMS__Agent__Tail__1, ...
    private static List<SettingNode>? Numbered(SettingSection section)
    {
        var items = new SortedDictionary<int, SettingNode>();
        foreach (var (name, node) in section.Entries)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                return null;
            items[index] = node;
        }

        return [.. items.Values];
    }

    private static void SetList(List<object> items, object options, SettingProperty property, object? current)
    {
        var itemType = SettingShapes.ListItem(property.Type)!;
        if (property.Property.SetMethod is { IsPublic: true } && (property.Type.IsArray || property.Type.IsInterface))
        {
            var array = Array.CreateInstance(itemType, items.Count);
            ((ICollection)items).CopyTo(array, 0);

            // An array serves any read-only interface; one that can be added to gets a list.
            var isReadOnly = property.Type.IsArray || property.Type.Name.StartsWith("IReadOnly", StringComparison.Ordinal)
                || property.Type.Name.StartsWith("IEnumerable", StringComparison.Ordinal);
            property.Property.SetValue(
                options,
                isReadOnly ? array : Activator.CreateInstance(typeof(List<>).MakeGenericType(itemType), array));
            return;
        }

        if (current is null)
            property.Property.SetValue(options, current = Activator.CreateInstance(property.Type)!);
        Refill(current, typeof(ICollection<>).MakeGenericType(itemType), items.Select(item => new[] { item }));
    }

    private static void SetDictionary(Dictionary<string, object> values, object options, SettingProperty property, object? current)
    {
        var valueType = SettingShapes.DictionaryValue(property.Type)!;
        if (property.Property.SetMethod is { IsPublic: true } && (current is null || property.Type.IsInterface))
        {
            var type = property.Type.IsInterface ? typeof(Dictionary<,>).MakeGenericType(typeof(string), valueType) : property.Type;
            property.Property.SetValue(options, current = Activator.CreateInstance(type)!);
        }

        var pairs = typeof(IDictionary<,>).MakeGenericType(typeof(string), valueType);
        current!.GetType().GetMethod("Clear", [])?.Invoke(current, null);
        foreach (var (name, value) in values)
            pairs.GetMethod("Add")!.Invoke(current, [name, value]);
    }

    private static void Refill(object collection, Type face, IEnumerable<object[]> items)
    {
        face.GetMethod("Clear")!.Invoke(collection, null);
        foreach (var item in items)
            face.GetMethod("Add")!.Invoke(collection, item);
    }

    private static bool IsNullable(System.Reflection.PropertyInfo property) =>
        new System.Reflection.NullabilityInfoContext().Create(property).WriteState is System.Reflection.NullabilityState.Nullable;

    private static SettingNode FirstValue(SettingNode node) =>
        node is SettingSection { Count: > 0 } section && section.Origin.Line is null ? FirstValue(section.Entries.First().Node) : node;

    private void Unknown(string path, string name, SettingOrigin origin, string[] known)
    {
        var hint = NearName.Of(name, known) is { } nearest
            ? $"did you mean '{nearest}'?"
            : $"settings here: {string.Join(", ", known.Order(StringComparer.Ordinal))}.";
        Faults.Add($"Unknown setting '{path}' ({origin}); {hint}");
    }

    private void Wrong(string path, SettingNode node, SettingProperty property, string expected)
    {
        var given = node switch
        {
            _ when property.IsSecret => "something else",
            SettingValue value => $"'{value.Text}'",
            SettingList => "a list",
            _ => "a section",
        };
        Faults.Add($"Setting '{path}' ({node.Origin}) is {given}; expected {expected}.");
    }
}
