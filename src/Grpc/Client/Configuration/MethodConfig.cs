namespace Grpc.Net.Client.Configuration;

/// <summary>How calls of some methods are repeated: one after the other, or hedged.</summary>
public sealed class MethodConfig : ConfigObject
{
    /// <summary>Repeats a call that failed. Not together with <see cref="HedgingPolicy"/>.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    /// <summary>Makes a call several times at once and takes the first answer. Not together with <see cref="RetryPolicy"/>.</summary>
    public HedgingPolicy? HedgingPolicy { get; set; }

    /// <summary>The methods. The most exact name wins: a method before its service before <see cref="MethodName.Default"/>.</summary>
    public IList<MethodName> Names { get; } = [];
}

/// <summary>Names one method, all methods of a service, or all methods.</summary>
public sealed class MethodName : ConfigObject
{
    /// <summary>All methods of all services.</summary>
    public static readonly MethodName Default = new();

    /// <summary>The service with its package; null for all.</summary>
    public string? Service { get; set; }

    /// <summary>The method; null for all of the service.</summary>
    public string? Method { get; set; }
}
