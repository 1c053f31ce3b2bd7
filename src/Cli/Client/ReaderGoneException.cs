namespace Cli.Client;

/// <summary>Whoever read our output has closed it, as <c>head</c> does when it has seen enough: time to stop, and no fault.</summary>
internal sealed class ReaderGoneException(Exception inner) : Exception("The output was closed.", inner);
