using System.Text.Json;
using System.Text.Json.Serialization;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Sidecar.Hosting;

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AppOptions))]
[JsonSerializable(typeof(SidecarApp))]
[JsonSerializable(typeof(SidecarApp[]))]
[JsonSerializable(typeof(FaultOptions))]
[JsonSerializable(typeof(SidecarProcessOptions))]
[JsonSerializable(typeof(SidecarReady))]
internal sealed partial class SidecarJson : JsonSerializerContext;
