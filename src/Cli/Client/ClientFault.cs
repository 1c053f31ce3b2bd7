namespace Cli.Client;

/// <summary>A client command could not get its answer: the message says what was tried and what to do.</summary>
internal sealed class ClientFault(string message, Exception inner) : Exception(message, inner);
