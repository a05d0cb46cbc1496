using Orchestrator.Core.Assurance;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>A way to cheat: who can do it, where it shows, and what its nodes do.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Does">What it does, in a few words.</param>
/// <param name="Shows">Where it shows.</param>
/// <param name="At">Whether a node at this stage of so many can do it.</param>
/// <param name="Conduct">Makes the conduct of one node.</param>
/// <param name="LieAlike">Whether its nodes, without a word, give the same wrong result for the same job: two that round weights alike do.</param>
/// <param name="Hides">Whether its fingerprints stay within their limits.</param>
public sealed record Cheat(string Name, string Does, Shows Shows, Func<int, int, bool> At, Func<Conduct> Conduct, bool LieAlike = false, bool Hides = false)
{
    /// <summary>Whether the cheat can be met at an assurance: audits need audited jobs, challenges need a window.</summary>
    public bool Suits(AssuranceLevel level) => Shows switch
    {
        Shows.Reports => level.Kind is AssuranceKind.Sampled or AssuranceKind.Optimistic,
        Shows.Accusations => level.HasWindow,
        _ => level.Kind != AssuranceKind.None || Shows == Shows.Statements,
    };

    /// <summary>Every stage.</summary>
    public static bool Anywhere(int stage, int stages) => true;

    /// <summary>No stage.</summary>
    public static bool Nowhere(int stage, int stages) => false;

    /// <summary>The edge.</summary>
    public static bool First(int stage, int stages) => stage == 0;

    /// <summary>The stage that draws.</summary>
    public static bool Last(int stage, int stages) => stage == stages - 1;

    /// <summary>Stages that take and give hidden states.</summary>
    public static bool Inner(int stage, int stages) => stage > 0 && stage < stages - 1;

    /// <summary>Stages that hand something to a next one.</summary>
    public static bool BeforeLast(int stage, int stages) => stage < stages - 1;
}

/// <summary>Where a cheat shows.</summary>
public enum Shows
{
    /// <summary>Nobody cheats.</summary>
    Nowhere,

    /// <summary>In signed statements: whoever reads them sees it.</summary>
    Statements,

    /// <summary>In outputs or draws: only who computes them again sees it.</summary>
    Results,

    /// <summary>In audit reports.</summary>
    Reports,

    /// <summary>In accusations.</summary>
    Accusations,
}
