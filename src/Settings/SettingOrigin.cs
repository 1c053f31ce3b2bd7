namespace Settings;

/// <summary>Where a value was written: what an operator opens to change it.</summary>
internal readonly record struct SettingOrigin(string Source, int? Line = null)
{
    public override string ToString() => Line is { } line ? $"{Source}, line {line}" : Source;
}
