using System.Diagnostics;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Assurance;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Pricing;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>Makes a job of a request: finds the model, counts the prompt, bounds the answer, quotes the price.</summary>
public sealed class JobFactory(TopologyCache topology, Quoting quoting, WebhookTargets webhooks, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>Makes a job.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="owner">Who pays.</param>
    /// <param name="id">The job's id.</param>
    /// <param name="digest">SHA-256 of a batch request.</param>
    /// <param name="cancel">Ends the wait for the topology.</param>
    /// <exception cref="ApiException">The model does not exist, or the request does not fit it.</exception>
    public async Task<NewJob> CreateAsync(InferenceRequest request, string owner, JobId id, Digest? digest, CancellationToken cancel)
    {
        var model = await topology.ModelAsync(request.Model, cancel) ?? throw ApiErrors.ModelNotFound(request.Model);
        var manifest = model.Publication.Manifest;
        var tokenizer = TokenizerFactory.Create(manifest.Tokenizer);
        int prompt = tokenizer.Encode(request.Prompt).Length;
        int completion = MaxTokens(request, manifest, prompt);
        if (request.Sampling.LogitBias is { } bias && bias.Keys.FirstOrDefault(t => t >= manifest.Vocabulary, -1) is >= 0 and var token)
            throw ApiErrors.BadParameter("logit_bias", $"'logit_bias' names token {token}; the model has tokens 0 to {manifest.Vocabulary - 1}.", "invalid_value");
        var now = time.GetUtcNow();
        var sampling = request.Seeded ? request.Sampling : request.Sampling with { Seed = Convert.ToUInt64(Digest.Of(System.Text.Encoding.ASCII.GetBytes($"seed|{id}")).Value[..16], 16) };
        if (request.Webhook is { } url && webhooks.Problem(url) is { } problem)
            throw ApiErrors.BadParameter("orchestrator.webhook", $"'orchestrator.webhook' {problem}.", "invalid_value");
        var (price, assured) = await PriceAsync(request, model, prompt, completion, cancel);
        var spec = new JobSpec(
            id, owner, request.Kind, request.Model, model.Publication.ManifestDigest, request.Prompt, prompt, completion, request.Choices, sampling,
            request.Stop, request.IgnoreEnd, request.Assurance, price, assured, now, now + options.JobDeadline,
            request.Assurance.HasWindow ? options.Audits.ChallengeWindow : TimeSpan.Zero,
            request.Assurance.Kind is AssuranceKind.Sampled or AssuranceKind.Optimistic ? options.Audits.LongestCheck : TimeSpan.Zero,
            CheckRules.Of(options.Audits),
            options.ProbeInterval, digest, request.Webhook, Activity.Current?.Id)
        {
            Evidence = request.Evidence,
            PaysAllComparisons = request.Assurance.Kind == AssuranceKind.Redundant,
        };
        return new NewJob(spec, model, tokenizer);
    }

    private int MaxTokens(InferenceRequest request, ModelManifest manifest, int prompt)
    {
        int room = manifest.ContextLength - prompt;
        int wanted = request.MaxTokens ?? Math.Min(options.DefaultMaxTokens, Math.Max(1, room));
        if (wanted > room)
        {
            throw ApiErrors.ContextLength(
                room < 1 ? request.PromptParam : request.MaxTokensParam,
                $"This model's maximum context length is {manifest.ContextLength} tokens. However, you requested {(long)prompt + wanted} tokens "
                + $"({prompt} in the {request.PromptParam}, {wanted} in the completion). Please reduce the length of the {request.PromptParam} or completion.");
        }

        long total = (long)wanted * request.Choices;
        return total <= options.MaxJobTokens
            ? wanted
            : throw ApiErrors.BadParameter(request.MaxTokensParam, $"A request may draw at most {options.MaxJobTokens} tokens over all choices; this one asks for {total}.", "invalid_value");
    }

    private async Task<(Quote Price, AssuranceQuote Assurance)> PriceAsync(InferenceRequest request, ModelState model, int prompt, int completion, CancellationToken cancel)
    {
        try
        {
            return await quoting.OfAsync(request.Assurance, model, prompt, completion * request.Choices, cancel);
        }
        catch (OverflowException)
        {
            throw ApiErrors.BadParameter(request.MaxTokensParam, "The price of this request is out of range. Ask for fewer tokens.", "invalid_value");
        }
    }
}

/// <summary>A job that is not started yet.</summary>
/// <param name="Spec">What to do.</param>
/// <param name="Model">The model it runs on.</param>
/// <param name="Tokenizer">Its tokenizer.</param>
public sealed record NewJob(JobSpec Spec, ModelState Model, ITokenizer Tokenizer);
