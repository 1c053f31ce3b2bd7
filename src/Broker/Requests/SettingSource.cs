namespace Broker.Requests;

/// <summary>Where a setting's value comes from; the numbers are the protocol's.</summary>
internal enum SettingSource : sbyte
{
    Topic = 1,
    StaticBroker = 4,
    Default = 5,
}
