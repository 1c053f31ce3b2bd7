namespace Streams.Tests.Errors;

public sealed class RetryPolicyTests
{
    [Fact]
    public void Waits_double_up_to_the_limit()
    {
        var policy = new RetryPolicy(6, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));

        Assert.Equal([1, 2, 4, 5, 5], Enumerable.Range(1, 5).Select(attempt => policy.DelayAfter(attempt).TotalSeconds));
        Assert.Equal(TimeSpan.FromSeconds(17), policy.TotalDelay);
    }

    [Fact]
    public void A_hundred_attempts_do_not_overflow() =>
        Assert.Equal(TimeSpan.FromSeconds(10), new RetryPolicy(100).DelayAfter(99));

    [Theory]
    [InlineData(1)]
    [InlineData(101)]
    public void Fewer_than_two_attempts_are_no_retry_and_endless_ones_are_refused(int attempts) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(attempts));
}
