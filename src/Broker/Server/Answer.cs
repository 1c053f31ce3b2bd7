using Kafka.Protocol;

namespace Broker.Server;

/// <summary>What goes back for a request: a message and what it borrows until it is sent, or nothing at all.</summary>
/// <param name="Message">The message; null where the protocol has none (Produce with acks=0).</param>
/// <param name="Lease">Buffers the message points into; let go of after sending.</param>
/// <param name="EndsConnection">Whether to close the connection after it: how a request that gets no answer is told of an error.</param>
internal readonly record struct Answer(IMessage? Message, IDisposable? Lease = null, bool EndsConnection = false);
