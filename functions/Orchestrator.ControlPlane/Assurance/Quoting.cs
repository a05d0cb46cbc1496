using Orchestrator.Core.Assurance;
using Orchestrator.Core.Pricing;

namespace Orchestrator.ControlPlane.Assurance;

/// <summary>Quotes what an assurance costs and gives, before a job runs.</summary>
public sealed class Quoting(ControlPlaneOptions options)
{
    /// <summary>A job's price at an assurance. Detection counts on the least audit rate, which no node's stake and reputation can bring it below.</summary>
    /// <exception cref="OverflowException">The price does not fit 64 bits.</exception>
    public (Quote Price, AssuranceQuote Assurance) Of(AssuranceLevel level, int promptTokens, int completionTokens, int layers)
    {
        var price = options.Prices.Quote(promptTokens, completionTokens, layers, level.Chains);
        return (price, AssuranceQuote.For(level, price.Total / level.Chains, options.Audits.Policy.Floor, options.Audits.Model));
    }
}
