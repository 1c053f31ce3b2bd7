namespace Broker.Requests;

/// <summary>This broker as clients are told of it: the one node of its cluster.</summary>
internal sealed record BrokerNode(int Id, string Host, int Port);
