namespace Orchestrator.Simulation.Strategies;

/// <summary>Computes honestly, and challenges right receipts to block others.</summary>
public sealed class Spammer : Strategy
{
    public override string Name => "challenger spam";

    public override double Share => .02;

    public override bool Spams => true;
}
