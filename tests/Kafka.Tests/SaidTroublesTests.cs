using Kafka.OnConfluent;
using Microsoft.Extensions.Time.Testing;

namespace Kafka.Tests;

/// <summary>What an operator hears of an outage.</summary>
public sealed class SaidTroublesTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_trouble_that_lasts_is_news_once()
    {
        var said = new SaidTroubles(_time);
        var news = 0;

        for (var second = 0; second < 3600; second += 30)
        {
            news += said.IsNews("broker 1: connection refused") ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(30));
        }

        Assert.Equal(1, news);
    }

    [Fact]
    public void Another_trouble_is_news_and_one_that_was_over_for_a_while_is_again()
    {
        var said = new SaidTroubles(_time);
        Assert.True(said.IsNews("broker 1: connection refused"));

        Assert.True(said.IsNews("broker 2: connection refused"));
        _time.Advance(TimeSpan.FromMinutes(3));
        Assert.True(said.IsNews("broker 1: connection refused"));
    }

    [Fact]
    public void More_troubles_than_can_be_remembered_are_all_said()
    {
        var said = new SaidTroubles(_time);

        for (var i = 0; i < 1000; i++)
            Assert.True(said.IsNews($"trouble {i}"));
        Assert.True(said.IsNews("trouble 999"));
        Assert.False(said.IsNews("trouble 0"));
    }
}
