namespace Grpc.Net.Client.Calls;

/// <summary>A request's body that follows its call to the end.</summary>
internal interface ICallContent
{
    /// <summary>The call is over: nobody will read further requests.</summary>
    void Abort();
}
