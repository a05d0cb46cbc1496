using Orchestrator.Simulation.World;

namespace Orchestrator.Simulation.Strategies;

/// <summary>How a host runs its nodes. Honest unless it says otherwise.</summary>
public abstract class Strategy
{
    public abstract string Name { get; }

    /// <summary>Its part of all nodes.</summary>
    public abstract double Share { get; }

    /// <summary>Puts out something without computing it.</summary>
    public virtual bool Cheats(Node node, long reward, DateTimeOffset now, Rng rng) => false;

    /// <summary>Cheats so that its fingerprints stay within their limits: that saves little, and only exact audits see it.</summary>
    public virtual bool Hides => false;

    /// <summary>When asked for evidence against a cheat, says nothing rather than being proven wrong.</summary>
    public virtual bool Withholds => false;

    /// <summary>Has another account of its own accuse it as soon as it learns of an audit, to get the reporter's part back.</summary>
    public virtual bool AccusesItself => false;

    /// <summary>What it reports as an auditor: true for a mismatch. <paramref name="wrong"/> is what an honest audit finds.</summary>
    public virtual bool Reports(Node audited, bool wrong, Rng rng) => wrong;

    /// <summary>Computes the audits it is given.</summary>
    public virtual bool ComputesAudits => true;

    /// <summary>Opens a challenge against a right receipt now and then.</summary>
    public virtual bool Spams => false;

    /// <summary>New keys it bonds when one is barred for good; it also leaves jail when it can.</summary>
    public virtual int Rebirths => 0;

    /// <summary>When it asks for all its stake back; null to stay to the end.</summary>
    public virtual DateTimeOffset? Exit(DateTimeOffset start, TimeSpan duration, Rng rng) => null;
}
