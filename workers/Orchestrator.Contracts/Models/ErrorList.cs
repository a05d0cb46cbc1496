namespace Orchestrator.Contracts;

/// <summary>Collects errors up to a limit, so that hostile input cannot make the report large.</summary>
internal sealed class ErrorList(int limit)
{
    private readonly List<string> all = [];

    public IReadOnlyList<string> All => all;

    public void Add(string error)
    {
        if (all.Count < limit)
            all.Add(error);
    }
}
