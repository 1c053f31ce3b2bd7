using System.Collections;
using System.ComponentModel.DataAnnotations;

namespace Settings;

/// <summary>Checks data annotations, section by section, and says where a broken setting was written.</summary>
internal static class SettingsValidator
{
    public static void Validate(object options, IReadOnlyDictionary<string, SettingOrigin> origins, List<string> faults) =>
        Validate(options, "", origins, faults);

    private static void Validate(object options, string path, IReadOnlyDictionary<string, SettingOrigin> origins, List<string> faults)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            var settings = result.MemberNames.Select(member => SettingName.Path(path, SettingName.Display(member))).ToArray();
            var places = settings
                .Select(setting => origins.TryGetValue(setting, out var origin) ? $"'{setting}' ({origin})" : $"'{setting}' (default)")
                .ToArray();
            var where = places.Length > 0 ? $"Setting {string.Join(" and ", places)}: " : path.Length > 0 ? $"Settings under '{path}': " : "";
            faults.Add(where + result.ErrorMessage);
        }

        foreach (var property in SettingProperty.Of(options.GetType()))
        {
            var child = SettingName.Path(path, property.Name);
            var value = property.Property.GetValue(options);
            if (value is null)
                continue;
            if (property.Shape is SettingShape.Section)
                Validate(value, child, origins, faults);
            else if (property.Shape is SettingShape.List && SettingShapes.Of(SettingShapes.ListItem(property.Type)!) is SettingShape.Section)
                foreach (var (item, i) in ((IEnumerable)value).Cast<object>().Select((item, i) => (item, i)))
                    Validate(item, $"{child}[{i}]", origins, faults);
        }
    }
}
