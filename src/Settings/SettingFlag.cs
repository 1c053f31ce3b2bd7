namespace Settings;

/// <summary>A setting given on the command line.</summary>
/// <param name="Key">The setting's path, parts separated by dots: <c>gateway.port</c>.</param>
/// <param name="Value">What was typed. The same key more than once makes a list.</param>
/// <param name="Flag">The flag as typed, for messages: <c>--port</c>.</param>
public readonly record struct SettingFlag(string Key, string Value, string Flag);
