using Orchestrator.Contracts;
using Orchestrator.Onnx.Generation;
using Orchestrator.TestKit;

namespace Orchestrator.Onnx.Tests;

/// <summary>The fake model must behave as a real one does, or tests built on it prove nothing.</summary>
public sealed class FakeChainTests
{
    private static readonly SamplingParameters Sampling = new(Seed: 4);

    [Fact]
    public void Its_manifest_is_valid() =>
        ManifestValidator.Validate(new FakeModel(layers: 8, stages: 4).Manifest).ShouldBeEmpty();

    [Fact]
    public async Task Four_stages_draw_what_one_draws()
    {
        int[] prompt = [.. Enumerable.Range(0, 300)];
        prompt = Array.ConvertAll(prompt, token => token % 256);
        var whole = await Draw(new FakeModel(stages: 1), prompt);
        var chain = await Draw(new FakeModel(stages: 4), prompt);
        chain.ShouldBe(whole);
        whole.Distinct().Count().ShouldBeGreaterThan(10);
        (await Draw(new FakeModel(stages: 4, seed: 2), prompt)).ShouldNotBe(whole);
    }

    [Fact]
    public async Task A_rewound_chain_goes_on_like_a_fresh_one_and_nothing_leaks()
    {
        using var folder = new TempFolder();
        var model = new FakeModel();
        var loader = new FakeStageLoader(model);
        var stages = await Load(folder, model, loader);
        using (var fresh = new LocalChain(stages, model.Manifest.Vocabulary, 40))
        using (var rewound = new LocalChain(stages, model.Manifest.Vocabulary, 40))
        {
            fresh.Run([1, 2, 3]);
            rewound.Run([1, 2]);
            rewound.Run([7, 8, 9]);
            rewound.Rewind(2);
            rewound.Run([3]);
            rewound.Run([4]).ToArray().ShouldBe(fresh.Run([4]).ToArray());
            loader.OpenSessions.ShouldBe(8);
        }

        loader.OpenSessions.ShouldBe(0);
        stages.ForEach(stage => stage.Dispose());
        loader.LoadedEngines.ShouldBe(0);
    }

    [Fact]
    public async Task It_fails_and_falsifies_where_asked()
    {
        using var folder = new TempFolder();
        var model = new FakeModel();
        var loader = new FakeStageLoader(model) { OnPass = pass => { if (pass is { Stage: 2, Position: 3 }) throw new InvalidOperationException("injected"); } };
        using var chain = new LocalChain(await Load(folder, model, loader), model.Manifest.Vocabulary, 40);
        byte[] honest = chain.Run([1, 2, 3]).ToArray();
        Should.Throw<InvalidOperationException>(() => chain.Run([4])).Message.ShouldBe("injected");
        loader.OnPass = null;
        loader.Falsify = pass => pass.Stage == 1;
        using var cheated = new LocalChain(await Load(folder, model, loader), model.Manifest.Vocabulary, 40);
        cheated.Run([1, 2, 3]).ToArray().ShouldNotBe(honest);
    }

    private static async Task<List<int>> Draw(FakeModel model, int[] prompt)
    {
        using var folder = new TempFolder();
        var stages = await Load(folder, model, new FakeStageLoader(model));
        return [.. new LocalGenerator(stages, model.Manifest.Vocabulary).Generate(prompt, Sampling, 40, endToken: null).Select(draw => draw.Token)];
    }

    private static async Task<List<IStageEngine>> Load(TempFolder folder, FakeModel model, FakeStageLoader loader)
    {
        List<IStageEngine> stages = [];
        for (int stage = 0; stage < model.Manifest.Stages.Count; stage++)
        {
            string path = folder.Write($"{stage}.shard", model.ShardFile(stage));
            stages.Add(await loader.LoadAsync(path, model.Manifest, stage, TestContext.Current.CancellationToken));
        }

        return stages;
    }
}
