namespace Orchestrator.Benchmarks.Decode;

/// <summary>One way to get tokens out of the model. Paths of a benchmark get the same work in the same round and must draw the same tokens.</summary>
internal interface IDecodePath : IAsyncDisposable
{
    /// <summary>What is measured, for the report.</summary>
    string Name { get; }

    /// <summary>Generates once and times it from the request to the last token.</summary>
    Task<DecodeRun> RunAsync(DecodeWork work, CancellationToken cancel);
}
