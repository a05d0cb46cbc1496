using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.Assurance;

/// <summary><c>POST /api/quotes</c>: takes what <c>POST /api/jobs</c> takes, and runs nothing.</summary>
public sealed class QuoteHandlers(JobFactory factory, Quoting quoting, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>Quotes the request at the assurance it asks for and at the others.</summary>
    public async Task QuoteAsync(ApiCall call)
    {
        using var body = await call.ReadObjectAsync();
        var request = InferenceRequest.Parse(body.RootElement, options.StandardAssurance);
        var job = await factory.CreateAsync(request, call.Caller.Account, JobId.New(time), null, call.Aborted);
        var quote = job.Spec.Quote;
        AssuranceLevel[] levels = [request.Assurance, AssuranceLevel.None, AssuranceLevel.Sampled, AssuranceLevel.Redundant(2), AssuranceLevel.Redundant(3), AssuranceLevel.Optimistic];
        List<AssuranceQuoteView> quotes = [];
        foreach (var level in levels.Distinct())
            quotes.Add(AssuranceQuoteView.Of((await quoting.OfAsync(level, job.Model, quote.PromptTokens, quote.MaxCompletionTokens, call.Aborted)).Assurance));
        await call.WriteAsync(new QuoteView(request.Model, quote.PromptTokens, quote.MaxCompletionTokens, request.Assurance.Value, quotes), ControlPlaneJson.Default.QuoteView);
    }
}
