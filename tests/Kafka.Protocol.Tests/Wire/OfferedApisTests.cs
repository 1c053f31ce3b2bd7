using Kafka.Protocol.Messages;

namespace Kafka.Protocol.Tests;

public sealed class OfferedApisTests
{
    [Fact]
    public void Every_api_is_offered_in_versions_there_is_code_for()
    {
        Assert.Equal(Enum.GetValues<ApiKey>(), OfferedApis.All.Select(offered => offered.Api));
        foreach (var offered in OfferedApis.All)
        {
            var (lowest, highest) = ApiFacts.Versions(offered.Api);
            Assert.InRange(offered.Min, lowest, offered.AcceptedMin);
            Assert.InRange(offered.Max, offered.AcceptedMin, highest);
        }
    }

    [Fact]
    public void Old_produce_versions_are_listed_but_not_answered()
    {
        Assert.True(OfferedApis.TryGet(ApiKey.Produce, out var produce));
        Assert.Equal((short)0, produce.Min);
        Assert.False(OfferedApis.Accepts(ApiKey.Produce, 2));
        Assert.True(OfferedApis.Accepts(ApiKey.Produce, 3));
        Assert.False(OfferedApis.Accepts(ApiKey.Produce, 10));
        Assert.False(OfferedApis.Accepts((ApiKey)999, 0));
    }

    [Fact]
    public void Topic_ids_are_not_half_offered()
    {
        OfferedApis.TryGet(ApiKey.Metadata, out var metadata);
        OfferedApis.TryGet(ApiKey.Fetch, out var fetch);

        Assert.True(metadata.Max < 10 || fetch.Max >= 13);
    }
}
