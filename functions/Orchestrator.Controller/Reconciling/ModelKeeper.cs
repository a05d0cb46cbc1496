using System.Globalization;
using Orchestrator.Contracts;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>What a model is outside the cluster: published, and placed on its workers' nodes.</summary>
public sealed class ModelKeeper(PlatformClient platform, ModelPublisher publisher, ClusterView view, EventRecorder events)
{
    /// <summary>The model as the platform has it; published first when it does not.</summary>
    /// <exception cref="ProblemException">The model is not what the spec says, or its name is another's.</exception>
    public async Task<PlatformModel> PublishAsync(InferenceModel model, CancellationToken cancel)
    {
        if (!Digest.TryParse(model.Spec.Source.Manifest, out var digest))
            throw new ProblemException(Problem.BadManifest, "spec.source.manifest is not a SHA-256 digest.");
        if (model.Status?.Model is { } name)
        {
            CheckName(model, name);
            if (await platform.FindModelAsync(name, cancel) is { } known && known.Manifest == digest)
                return CheckStages(model, known);
        }

        var source = AddressOf(model);
        byte[] bytes = await publisher.ManifestAsync(digest, source, cancel);
        if (!ManifestValidator.TryParse(bytes, out var manifest, out var errors))
            throw new ProblemException(Problem.BadManifest, $"The manifest is not valid: {string.Join(' ', errors.Take(3))}");
        CheckName(model, manifest.Name);
        if (await platform.FindModelAsync(manifest.Name, cancel) is { } there && there.Manifest == digest)
            return CheckStages(model, there);
        if (manifest.Stages.Count != model.Spec.Sharding.Stages)
            throw Mismatch(model, manifest.Stages.Count);
        var published = await publisher.PublishAsync(bytes, manifest, source, cancel);
        await events.RecordAsync(model, "Published", $"Model {manifest.Name} is published as {digest.Short}.", warning: false, cancel);
        return published;
    }

    /// <summary>Places the model on these nodes when it is not yet; the placement's version.</summary>
    public async Task<long> PlaceAsync(InferenceModel model, PlatformModel published, IReadOnlyList<IReadOnlyList<PodNode>> nodes, CancellationToken cancel)
    {
        if (PlacementRules.Change(published, (model.Status?.Shards ?? []).SelectMany(s => s.Nodes), nodes) is not { } placements)
            return published.PlacementVersion;
        var placed = await platform.PlaceAsync(published.Name, placements, cancel)
            ?? throw new PlatformException(PlatformException.Refused, $"The platform has lost model {published.Name}.");
        await events.RecordAsync(model, "Placed", $"Model {published.Name} has {placements.Count.ToString(CultureInfo.InvariantCulture)} placements, version {placed.Version}.", warning: false, cancel);
        return placed.Version;
    }

    /// <summary>Takes the model's nodes out of the platform's placement; nothing happens when they are not in it.</summary>
    public async Task WithdrawAsync(InferenceModel model, CancellationToken cancel)
    {
        if (model.Status?.Model is not { } name || await platform.FindModelAsync(name, cancel) is not { } published)
            return;
        if (PlacementRules.Change(published, model.Status.Shards.SelectMany(s => s.Nodes), []) is { } left)
            await platform.PlaceAsync(name, left, cancel);
    }

    // The API server checks the beginning only, so that a port of 99999 gets here.
    private static Uri? AddressOf(InferenceModel model)
    {
        if (model.Spec.Source.Url is not { } url)
            return null;
        return Uri.TryCreate(url, UriKind.Absolute, out var address)
            ? address
            : throw new ProblemException(PlatformException.BadSource, $"spec.source.url '{url}' is not a valid address: correct it in a new InferenceModel.");
    }

    private static PlatformModel CheckStages(InferenceModel model, PlatformModel published) =>
        published.Stages.Count == model.Spec.Sharding.Stages ? published : throw Mismatch(model, published.Stages.Count);

    private static ProblemException Mismatch(InferenceModel model, int stages) =>
        new(Problem.StagesMismatch, $"The manifest has {stages} stages, spec.sharding.stages is {model.Spec.Sharding.Stages}: set it to {stages}.");

    // The same model twice is fine, e.g. on two profiles; two models under one name are not: the older one keeps it.
    private void CheckName(InferenceModel model, string name)
    {
        var older = view.Models.All.FirstOrDefault(other =>
            other.Metadata.Uid != model.Metadata.Uid
            && other.Status?.Model == name
            && other.Spec.Source.Manifest != model.Spec.Source.Manifest
            && IsOlder(other, model));
        if (older is not null)
            throw new ProblemException(Problem.ModelNameTaken, $"InferenceModel {older.Key()} publishes another model named {name}: shard this one with another name, or delete that one.");
    }

    private static bool IsOlder(InferenceModel other, InferenceModel model) =>
        (other.Metadata.CreationTimestamp ?? DateTime.MinValue, other.Metadata.Uid).CompareTo((model.Metadata.CreationTimestamp ?? DateTime.MinValue, model.Metadata.Uid)) < 0;
}
