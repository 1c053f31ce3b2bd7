namespace Fluentd;

/// <summary>The other end cannot be reached, refuses this client, or does not keep to the protocol. The connection is of no more use.</summary>
/// <param name="message">What, where, and what to do.</param>
/// <param name="inner">What was caught, if anything.</param>
public sealed class ForwardException(string message, Exception? inner = null) : Exception(message, inner);
