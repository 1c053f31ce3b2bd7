namespace Metrics.Admin;

/// <summary>Something a part needs before it is of use, such as a Kafka that answers. Asked whenever someone asks whether the part is ready.</summary>
/// <param name="Name">What it is about, in a word.</param>
/// <param name="Trouble">What is wrong, as a sentence; null while all is well. Must answer at once, from what is known.</param>
public sealed record ReadinessCheck(string Name, Func<string?> Trouble);

/// <summary>Something that only a new start can mend. Must not depend on another process: a restart would not bring it back.</summary>
/// <param name="Name">What it is about, in a word.</param>
/// <param name="Trouble">What is wrong, as a sentence; null while all is well. Must answer at once, from what is known.</param>
public sealed record LivenessCheck(string Name, Func<string?> Trouble);
