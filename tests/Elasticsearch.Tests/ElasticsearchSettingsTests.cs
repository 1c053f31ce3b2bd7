using System.ComponentModel.DataAnnotations;
using Settings;

namespace Elasticsearch.Tests;

public sealed class ElasticsearchSettingsTests
{
    [Fact]
    public void Secrets_are_masked_where_settings_are_shown()
    {
        var shown = EffectiveSettings.ToYaml(new ElasticsearchSettings
        {
            Urls = ["https://es:9200"], Username = "monitor", Password = "hunter2", ApiKey = "id:topsecret", ClientKeyFile = "/run/client.key",
        });

        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("topsecret", shown, StringComparison.Ordinal);
        Assert.Contains("/run/client.key", shown, StringComparison.Ordinal);
        Assert.Contains("https://es:9200", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("es:9200", "is no http or https URL")]
    [InlineData("ftp://es:9200", "is no http or https URL")]
    [InlineData("http://elastic:hunter2@es:9200", "The address of es carries a user or a password")]
    [InlineData("http://es:9200/?pretty", "goes on with a query")]
    public void An_address_that_will_not_do_is_refused_without_showing_a_secret(string url, string says)
    {
        var fault = Assert.Single(Faults(new() { Urls = [url] }));

        Assert.Contains(says, fault, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Halves_of_credentials_are_refused()
    {
        Assert.Single(Faults(new() { Username = "monitor" }));
        Assert.Single(Faults(new() { Password = "hunter2" }));
        Assert.Single(Faults(new() { Username = "monitor", Password = "hunter2", ApiKey = "id:key" }));
        Assert.Single(Faults(new() { ClientCertificateFile = "client.pem" }));
        Assert.Empty(Faults(new() { Urls = ["http://es:9200/prefix"], ApiKey = "id:key" }));
    }

    private static List<string?> Faults(ElasticsearchSettings settings) =>
        [.. settings.Validate(new ValidationContext(settings)).Select(fault => fault.ErrorMessage)];
}
