using Google.Protobuf;

namespace Gateway.Writing;

/// <summary>A message to pass on, and its size, which is asked for once.</summary>
/// <param name="Message">A log record or a heartbeat.</param>
/// <param name="Bytes">What <see cref="IMessage.CalculateSize"/> gave.</param>
internal readonly record struct SizedMessage(IMessage Message, int Bytes);
