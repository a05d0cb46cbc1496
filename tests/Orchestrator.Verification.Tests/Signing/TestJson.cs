using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Verification.Tests.Signing;

[JsonSerializable(typeof(JsonElement))]
internal sealed partial class TestJson : JsonSerializerContext;
