using System.Globalization;

namespace Settings;

/// <summary>Single values between text and their type.</summary>
internal static class SettingText
{
    public static bool CanRead(Type type) =>
        type.IsEnum
        || type == typeof(TimeSpan)
        || type == typeof(Uri)
        || Type.GetTypeCode(type) is not (TypeCode.Object or TypeCode.Empty or TypeCode.DBNull or TypeCode.DateTime);

    /// <summary>Reads a value.</summary>
    /// <returns>Null when it could be read; otherwise what was expected.</returns>
    public static string? Read(string text, Type type, bool isSize, out object? value)
    {
        value = null;
        if (type == typeof(string))
            return Done(text, out value);
        if (type == typeof(TimeSpan))
            return DurationText.TryParse(text, out var duration) ? Done(duration, out value) : DurationText.Expected;
        if (type == typeof(Uri))
            return Uri.TryCreate(text, UriKind.Absolute, out var uri) ? Done(uri, out value) : "an address such as http://127.0.0.1:7070";
        if (type == typeof(bool))
            return bool.TryParse(text, out var flag) ? Done(flag, out value) : "true or false";
        if (type.IsEnum)
            return ReadName(text, type, out value);
        if (isSize)
            return SizeText.TryParse(text, out var bytes) && TryFit(bytes, type, out value) ? null : $"{SizeText.Expected}{Bounds(type)}";

        var isWhole = Type.GetTypeCode(type) is not (TypeCode.Double or TypeCode.Single or TypeCode.Decimal);
        var styles = NumberStyles.AllowLeadingSign | (isWhole ? NumberStyles.AllowThousands : NumberStyles.Float);
        return decimal.TryParse(text, styles, CultureInfo.InvariantCulture, out var number) && TryFit(number, type, out value)
            ? null
            : isWhole ? $"a whole number{Bounds(type)}" : "a number";
    }

    public static string Write(object value, bool isSize) => value switch
    {
        TimeSpan duration => DurationText.Format(duration),
        bool flag => flag ? "true" : "false",
        int or long when isSize => SizeText.Format(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    // Enum.Parse also takes "7" and "A, B": neither is something that an operator means.
    private static string? ReadName(string text, Type type, out object? value)
    {
        var name = Enum.GetNames(type).FirstOrDefault(candidate => SettingName.Comparer.Equals(candidate, text));
        value = name is null ? null : Enum.Parse(type, name);
        return name is null ? $"one of {string.Join(", ", Enum.GetNames(type))}" : null;
    }

    private static bool TryFit(decimal number, Type type, out object? value)
    {
        try
        {
            value = Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
            return true;
        }
        catch (OverflowException)
        {
            value = null;
            return false;
        }
    }

    private static string Bounds(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Int32 => $" up to {int.MaxValue}",
        TypeCode.UInt16 => $" from 0 to {ushort.MaxValue}",
        TypeCode.UInt32 => $" from 0 to {uint.MaxValue}",
        TypeCode.UInt64 => " of 0 or more",
        _ => "",
    };

    private static string? Done(object read, out object? value)
    {
        value = read;
        return null;
    }
}
