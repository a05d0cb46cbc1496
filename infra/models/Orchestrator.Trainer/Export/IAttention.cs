namespace Orchestrator.Trainer.Export;

/// <summary>One way to write the attention of every layer into a graph.</summary>
internal interface IAttention
{
    /// <summary>Writes the root-mean-square norm of <paramref name="x"/> and returns its output.</summary>
    string Norm(string node, string x, string gain);

    /// <summary>
    /// Writes the attention of one layer between the projections and returns [batch, sequence, heads · headDim]. Reads
    /// <c>past_key_values.N.*</c> and must write <c>present.N.*</c>.
    /// </summary>
    string Attend(int layer, string query, string key, string value);
}
