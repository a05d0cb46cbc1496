using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Orchestrator.Contracts;
using Tensor = Orchestrator.Contracts.Tensor;

namespace Orchestrator.Onnx.Offline;

/// <summary>Runs a session by copying every tensor in and out.</summary>
internal sealed class OnnxModelSession(InferenceSession session) : IModelSession
{
    /// <inheritdoc />
    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs)
    {
        var values = new Dictionary<string, OrtValue>(inputs.Count, StringComparer.Ordinal);
        try
        {
            foreach (var (name, tensor) in inputs)
                values.Add(name, ToOrt(name, tensor));
            using var run = new RunOptions();
            using var results = session.Run(run, values, outputs);
            return outputs.Zip(results).ToDictionary(pair => pair.First, pair => FromOrt(pair.First, pair.Second), StringComparer.Ordinal);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime cannot run the model: {e.Message}", e);
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    /// <inheritdoc />
    public void Dispose() => session.Dispose();

    private static OrtValue ToOrt(string name, Tensor tensor)
    {
        if (tensor.Bytes.Length != TensorSizes.Bytes(tensor.Type, tensor.Shape, batch: 0, sequence: 0, total: 0))
            throw new InvalidDataException($"Input '{name}' has {tensor.Bytes.Length} bytes, which is not what its shape [{string.Join(", ", tensor.Shape)}] makes.");
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, (TensorElementType)tensor.Type, tensor.Shape);
        if (!tensor.Bytes.IsEmpty)
            tensor.Bytes.Span.CopyTo(value.GetTensorMutableRawData());
        return value;
    }

    private static Tensor FromOrt(string name, OrtValue value)
    {
        if (!value.IsTensor)
            throw new InvalidDataException($"Value '{name}' is not a dense tensor; sequences, maps and optional values cannot be cut or compared.");
        var info = value.GetTensorTypeAndShape();
        if (info.IsString)
            throw new InvalidDataException($"Value '{name}' holds strings, which cannot be cut or compared.");
        byte[] bytes = info.ElementCount == 0 ? [] : value.GetTensorMutableRawData().ToArray();
        return new Tensor((ElementType)info.ElementDataType, info.Shape, bytes);
    }
}
