using System.Globalization;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>Brings weights that lie in files beside the model into the model.</summary>
internal static class ExternalData
{
    /// <summary>Replaces external initializers by raw data.</summary>
    /// <exception cref="InvalidDataException">A location leaves the model's folder, a range leaves its file, or all weights together pass 2 GB.</exception>
    public static void Inline(ModelProto model, string folder)
    {
        TensorProto[] external = [.. (model.Graph?.Initializer ?? []).Where(IsExternal)];
        long total = external.Length == 0 ? 0 : model.CalculateSize();
        foreach (var tensor in external)
        {
            var range = Locate(tensor, folder);
            total += range.Length;
            if (total > ModelLimits.FileBytes)
            {
                throw new InvalidDataException(
                    $"The external weights pass {ModelLimits.FileBytes} bytes; this build cuts models up to 2 GB. Quantize the model, or split its weights.");
            }

            tensor.RawData = Read(range, tensor.Name);
            tensor.ExternalData.Clear();
            tensor.ClearDataLocation();
        }
    }

    /// <summary>Whether the tensor's bytes lie in another file.</summary>
    public static bool IsExternal(TensorProto tensor) =>
        tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0;

    private static Range Locate(TensorProto tensor, string folder)
    {
        string? location = Entry(tensor, "location");
        if (string.IsNullOrEmpty(location) || Path.IsPathRooted(location) || location.Contains(':', StringComparison.Ordinal)
            || location.Split('/', '\\').Any(part => part is ".." or "" or "."))
        {
            throw new InvalidDataException(
                $"Initializer '{ModelChecks.Printable(tensor.Name)}' has the external location '{ModelChecks.Printable(location ?? "")}'; it must be a file beside the model, without '..'.");
        }

        string path = Path.Combine(folder, location);
        var file = new FileInfo(path);
        if (!file.Exists)
            throw new InvalidDataException($"The weights file '{ModelChecks.Printable(location)}' is missing; put it beside the model.");
        long offset = Number(tensor, "offset") ?? 0;
        long length = Number(tensor, "length") ?? file.Length - offset;
        if (offset < 0 || length < 0 || offset > file.Length || length > file.Length - offset)
            throw new InvalidDataException($"Initializer '{ModelChecks.Printable(tensor.Name)}' lies outside of '{ModelChecks.Printable(location)}'; the file is cut short.");
        return new Range(path, offset, length);
    }

    private static ByteString Read(Range range, string name)
    {
        if (range.Length > ModelLimits.FileBytes)
            throw new InvalidDataException($"Initializer '{ModelChecks.Printable(name)}' has {range.Length} bytes; at most {ModelLimits.FileBytes} fit.");
        byte[] bytes = new byte[range.Length];
        using var file = File.OpenRead(range.Path);
        file.Position = range.Offset;
        file.ReadExactly(bytes);
        return UnsafeByteOperations.UnsafeWrap(bytes);
    }

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.LastOrDefault(entry => entry.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key) => Entry(tensor, key) switch
    {
        null => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) => value,
        var text => throw new InvalidDataException($"Initializer '{ModelChecks.Printable(tensor.Name)}' has the external {key} '{ModelChecks.Printable(text)}', which is not a number."),
    };

    private readonly record struct Range(string Path, long Offset, long Length);
}
