namespace Settings;

/// <summary>Marks a setting whose value is never printed: <c>--check</c> shows <c>******</c> in its place.</summary>
/// <remarks>Settings named for a password, secret, token or key are masked without it.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;
