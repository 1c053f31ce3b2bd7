namespace Kafka.Protocol.Tests;

public sealed class MessageRoundTripTests
{
    public static TheoryData<string> Names => [.. MessageCodec.All.Select(codec => codec.Type.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_written_in_any_version_can_be_read_back(string name)
    {
        var codec = MessageCodec.Named(name);
        for (var version = codec.Lowest; version <= codec.Highest; version++)
        {
            for (var seed = 0; seed < 10; seed++)
            {
                var written = new MessageFiller(seed).Fill(codec.Type, version);
                var bytes = MessageCodec.Write(written, version);

                var read = codec.Read(bytes, version, out var remaining);

                Assert.True(remaining == 0, $"v{version}, seed {seed}: {remaining} bytes left");
                var difference = MessageFiller.Difference(written, read, null, name);
                Assert.True(difference is null, $"v{version}, seed {seed}: {difference}");
                Assert.Equal(bytes, MessageCodec.Write(read, version));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_message_cut_short_anywhere_is_refused_and_nothing_worse(string name)
    {
        var codec = MessageCodec.Named(name);
        for (var version = codec.Lowest; version <= codec.Highest; version++)
        {
            var bytes = MessageCodec.Write(new MessageFiller(seed: 7).Fill(codec.Type, version), version);
            for (var length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 200))
                Assert.Throws<ProtocolException>(() => codec.Read(bytes.AsMemory(0, length), version, out _));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_damaged_message_is_read_or_refused_and_takes_little_memory(string name)
    {
        var codec = MessageCodec.Named(name);
        var random = new Random(20_26);
        for (var version = codec.Lowest; version <= codec.Highest; version++)
        {
            var whole = MessageCodec.Write(new MessageFiller(seed: 3).Fill(codec.Type, version), version);
            for (var round = 0; round < 100 && whole.Length > 0; round++)
            {
                var bytes = whole.ToArray();
                for (var change = random.Next(1, 4); change > 0; change--)
                    bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) switch { 0 => 0xFF, 1 => 0x7F, _ => random.Next(256) });

                var before = GC.GetAllocatedBytesForCurrentThread();
                var failure = Record.Exception(() => codec.Read(bytes, version, out _));

                Assert.True(failure is null or ProtocolException, $"v{version}, round {round}: {failure}");
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 * whole.Length + 64 * 1024);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_version_there_is_no_code_for_is_refused(string name)
    {
        var codec = MessageCodec.Named(name);
        foreach (var version in (short[])[(short)(codec.Lowest - 1), (short)(codec.Highest + 1)])
        {
            Assert.Throws<ProtocolException>(() => codec.Read(new byte[100], version, out _));
            Assert.Throws<ProtocolException>(() => MessageCodec.Write((IMessage)Activator.CreateInstance(codec.Type)!, version));
        }
    }
}
