namespace Streams.Oracle;

/// <summary>What the values of an input topic look like: what a random scenario puts there.</summary>
internal enum InputKind
{
    Text,

    /// <summary>Text with headers.</summary>
    Headers,

    /// <summary>A whole number as text.</summary>
    Number,

    /// <summary>Words between commas.</summary>
    List,

    /// <summary><c>key:text</c>, the key one of another table's.</summary>
    Foreign,

    /// <summary><c>group:number</c>.</summary>
    Grouped,

    /// <summary><c>prefix:text</c>.</summary>
    Prefixed,

    /// <summary><c>milliseconds:text</c>.</summary>
    Timed,

    /// <summary>8 bytes of a number, or bytes that are none.</summary>
    NumberOrNoise,

    /// <summary>Text, or <c>from..to</c>.</summary>
    Range,
}
