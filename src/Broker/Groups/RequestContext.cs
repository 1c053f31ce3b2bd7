namespace Broker.Groups;

/// <summary>Who asks, and in which version of the API.</summary>
/// <param name="Version">The request's API version: some answers depend on it beyond their layout.</param>
/// <param name="ClientId">The client's name for itself; front part of the member ids it is given.</param>
/// <param name="ClientHost">The address it came from, in Kafka's form: <c>/127.0.0.1</c>.</param>
internal readonly record struct RequestContext(short Version, string? ClientId, string ClientHost);
