using System.ComponentModel.DataAnnotations;

namespace Elasticsearch;

/// <summary>How to reach Elasticsearch, and as whom.</summary>
/// <remarks>Secrets are never part of an address, of a message or of a log.</remarks>
public class ElasticsearchSettings : IValidatableObject
{
    /// <summary>Nodes of one cluster, such as <c>https://es-1:9200</c>; the next is asked where one does not answer. Default none.</summary>
    public IReadOnlyList<string> Urls { get; set; } = [];

    /// <summary>User for basic authentication; with <see cref="Password"/>.</summary>
    public string? Username { get; set; }

    /// <summary>Password for basic authentication.</summary>
    public string? Password { get; set; }

    /// <summary>API key in place of a user: <c>id:key</c>, or both together as Elasticsearch encodes them.</summary>
    public string? ApiKey { get; set; }

    /// <summary>PEM file with the authorities that the server's certificate must come from. Default: those that the system trusts.</summary>
    public string? AuthorityFile { get; set; }

    /// <summary>PEM file with the certificate to show the server; with <see cref="ClientKeyFile"/>.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>PEM file with the key of <see cref="ClientCertificateFile"/>.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>Time that one request may take, its answer included. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause before the first repetition of a request that was not taken; it doubles with each. Default 250 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan FirstPause { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest pause between repetitions, unless the server asks for a longer one. Default 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan LongestPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var url in Urls)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                yield return new("An address is no http or https URL such as https://es-1:9200.", [nameof(Urls)]);
            else if (address.UserInfo.Length > 0)
                yield return new($"The address of {address.Host} carries a user or a password, which would be shown wherever it is. Set username and password instead.", [nameof(Urls)]);
            else if (address.Query.Length > 0 || address.Fragment.Length > 0)
                yield return new($"The address of {address.Host} goes on with a query; give the address of the server alone.", [nameof(Urls)]);
        }

        if (Username is null != Password is null)
            yield return new("A user needs a password, and a password a user.", [nameof(Username)]);
        if (Username is not null && ApiKey is not null)
            yield return new("Both a user and an API key are given; the server takes one of them.", [nameof(ApiKey)]);
        if (ClientCertificateFile is null != ClientKeyFile is null)
            yield return new("A client certificate needs its key, and the key its certificate.", [nameof(ClientCertificateFile)]);
        if (LongestPause < FirstPause)
            yield return new($"The longest pause ({LongestPause}) is shorter than the first ({FirstPause}).", [nameof(LongestPause)]);
    }
}
