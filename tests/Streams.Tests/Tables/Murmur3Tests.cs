using System.Text;
using Streams.Processing;

namespace Streams.Tests.Tables;

public sealed class Murmur3Tests
{
    /// <summary>As Kafka Streams 4.3 answers, for every length of the last block.</summary>
    [Theory]
    [InlineData("", "9d2764a018e329428c3cf3b035938518")]
    [InlineData("K", "0b58bef8ac2f9d541b09dfe5dcc9cb57")]
    [InlineData("Ka", "cf408026dca815a0081b47b37af6e9e8")]
    [InlineData("Kaf", "75027cedcf1a37a933dfb3772e25b5e8")]
    [InlineData("Kafk", "b1bcf706ca865fb36e7a7ea578aeb58c")]
    [InlineData("Kafka", "034977c6c9b06dcdbd1395543dffc45b")]
    [InlineData("Kafka ", "473a5929e84aa1e97a52f8e30445431e")]
    [InlineData("Kafka S", "7d58a7fd8f61e93ae4d60519430d5bd3")]
    [InlineData("Kafka St", "328bbbc30b2e0bc7e1561df08f906847")]
    [InlineData("Kafka Str", "653721a835ee9856e27ccda92185a7cd")]
    [InlineData("Kafka Stre", "d33203b2f5e1bab34e490f67732b99ec")]
    [InlineData("Kafka Strea", "7b62bf5f22092b45318c1af4b3f6a184")]
    [InlineData("Kafka Stream", "86e018dfb0859fa381b7cc779286c59d")]
    [InlineData("Kafka Streams", "349b8774ccc32b05ff30342042f10c80")]
    [InlineData("Kafka Streams ", "b4437549076fdcdb60f54ab990827292")]
    [InlineData("Kafka Streams j", "65226f8dbf34c4c4c1947fbd19bb129f")]
    [InlineData("Kafka Streams jo", "cde0650749ba380dd3cb1a1daf3232d9")]
    [InlineData("Kafka Streams joi", "0e080cc390f41245d26af60f4bc8035b")]
    [InlineData("Kafka Streams joins tables by k", "f74c2c6be64678b15b1a84987b6dba62")]
    [InlineData("Kafka Streams joins tables by ke", "a6a267d0753ae391da66794265d3f553")]
    [InlineData("Kafka Streams joins tables by key", "3dda5e405f6f1931da00503ec11902c7")]
    public void A_hash_is_that_of_Kafka_Streams(string text, string hash)
    {
        var (high, low) = Murmur3.Hash(Encoding.UTF8.GetBytes(text));

        Assert.Equal(hash, $"{high:x16}{low:x16}");
    }
}
