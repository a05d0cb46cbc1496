namespace Orchestrator.Drill.Workers;

/// <summary>
/// What a drill's worker is told to do: the name of a cheat in a file beside its key, read whenever it matters. Without the file it is honest.
/// </summary>
/// <param name="keyFile">The node's key file.</param>
public sealed class CheatOrder(string keyFile)
{
    /// <summary>Puts out noise.</summary>
    public const string RandomOutput = "random-output";

    /// <summary>Runs weights rounded to 8 bits, in its traces too.</summary>
    public const string Int8Weights = "int8-weights";

    /// <summary>Runs weights rounded to half precision, in its traces too.</summary>
    public const string Fp16Weights = "fp16-weights";

    /// <summary>Hands on what it received as if it had run its layers, in its traces too.</summary>
    public const string SkippedLayers = "skipped-layers";

    /// <summary>Draws a letter of its own choice from right logits.</summary>
    public const string WrongSampling = "wrong-sampling";

    /// <summary>As auditor, reports what the audited node claims instead of what it got.</summary>
    public const string LazyAuditor = "lazy-auditor";

    /// <summary>Puts out noise and, as edge, throws its evidence away before the result is out.</summary>
    public const string WithheldData = "withheld-data";

    /// <summary>As edge, changes the first token of the answer.</summary>
    public const string SwappedToken = "swapped-token";

    /// <summary>As edge, signs a second result with another first token.</summary>
    public const string Equivocation = "equivocation";

    private readonly string file = FileOf(keyFile);

    /// <summary>The cheat; null for none.</summary>
    public string? Cheat => File.Exists(file) ? File.ReadAllText(file) : null;

    /// <summary>Tells a worker to cheat; null to stop.</summary>
    public void Give(string? cheat)
    {
        if (cheat is null)
        {
            File.Delete(file);
            return;
        }

        // Whoever reads it meanwhile sees all of it or nothing.
        string written = file + ".new";
        File.WriteAllText(written, cheat);
        File.Move(written, file, overwrite: true);
    }

    private static string FileOf(string keyFile) => Path.Combine(Path.GetDirectoryName(Path.GetFullPath(keyFile))!, "cheat");
}
