using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>Parses ONNX files that anyone may have written.</summary>
internal static class ModelReader
{
    /// <summary>Parses, brings external weights in, and checks a model.</summary>
    /// <exception cref="InvalidDataException">The file is not a sound ONNX model within <see cref="ModelLimits"/>; the message lists what is wrong.</exception>
    public static ModelProto Read(string path)
    {
        long bytes = new FileInfo(path).Length;
        if (bytes > ModelLimits.FileBytes)
            throw new InvalidDataException($"The model has {bytes} bytes; one protobuf file holds at most {ModelLimits.FileBytes}.");
        ModelProto model;
        using (var file = File.OpenRead(path))
            model = Parse(() => ModelProto.Parser.ParseFrom(file));
        ExternalData.Inline(model, Path.GetDirectoryName(Path.GetFullPath(path))!);
        ModelChecks.ThrowIfUnsound(model);
        return model;
    }

    /// <summary>Parses protobuf and nothing more.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a ModelProto.</exception>
    public static ModelProto Parse(Func<ModelProto> parse)
    {
        try
        {
            return parse();
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"This is not an ONNX file, or it is cut short: {e.Message}", e);
        }
    }
}
