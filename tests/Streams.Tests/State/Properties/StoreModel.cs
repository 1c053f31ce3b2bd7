namespace Streams.Tests.State;

/// <summary>What models of all kinds have in common: they are open from the start.</summary>
internal abstract class StoreModel : IStoreModel
{
    public string Name => "store";

    public void Init(StateStoreContext context)
    {
    }

    public void Flush()
    {
    }

    public void Close()
    {
    }

    public virtual void Committed()
    {
    }

    public virtual void Reopened()
    {
    }

    public virtual void Restored()
    {
    }
}
