namespace Orchestrator.Onnx.Caches;

/// <summary>All key/value caches of one session, bound to its graph inputs and outputs.</summary>
internal interface IKeyValueCache : IDisposable
{
    /// <summary>Binds past and present for a pass of <paramref name="tokens"/> tokens after <paramref name="position"/> cached ones.</summary>
    void Prepare(int position, int tokens);

    /// <summary>The prepared pass succeeded: present is the past of the next one. Without this call the past stays as it was.</summary>
    void Commit();

    /// <summary>Cuts the caches from <paramref name="from"/> to <paramref name="to"/> tokens.</summary>
    void Rewind(int from, int to);
}
