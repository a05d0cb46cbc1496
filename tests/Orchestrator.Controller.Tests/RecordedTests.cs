using System.Text;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;

namespace Orchestrator.Controller.Tests;

/// <summary>
/// The fake API server answers as a real one did. <c>Recorded/answers.json</c> holds what the server that it names answered to these requests, in this order; uids
/// that differ from run to run are <c>*</c>.
/// </summary>
public sealed class RecordedTests
{
    private static readonly JsonObject Recorded = JsonNode.Parse(File.ReadAllText(Path.Combine(Yaml.Root, "tests", "Orchestrator.Controller.Tests", "Recorded", "answers.json")))!.AsObject();

    public static TheoryData<int> Models => [.. Enumerable.Range(0, Recorded["models"]!.AsArray().Count)];

    [Fact]
    public async Task Requests_are_answered_as_the_real_server_did()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var kubernetes = server.Connect();
        server.Cluster.Create(Kinds.Models, World.Namespace, Given.ModelJson("chat", new string('1', 64), 1), "somebody");
        var going = Given.ModelJson("going", new string('1', 64), 1);
        going["metadata"]!["finalizers"] = new JsonArray("orchestrator.dev/placement");
        server.Cluster.Create(Kinds.Models, World.Namespace, going, "somebody");
        server.Cluster.Delete(new Place(Kinds.Models, World.Namespace, "going"));

        List<string> differences = [];
        foreach (var step in Recorded["requests"]!.AsArray().Select(s => s!.AsObject()))
        {
            using var request = new HttpRequestMessage(new HttpMethod((string)step["method"]!), new Uri(kubernetes.BaseUri, (string)step["path"]!));
            if (step["body"] is { } body)
                request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, (string?)step["type"] ?? "application/json");
            using var response = await kubernetes.HttpClient.SendAsync(request);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync())!.AsObject();
            differences.AddRange(Compare(step["answer"]!.AsObject(), (int)response.StatusCode, answer).Select(d => $"{step["what"]}: {d}"));
        }

        differences.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_patch_for_an_object_that_another_has_replaced_is_a_conflict_and_no_refusal()
    {
        await using var server = await FakeApiServer.StartAsync();
        using var kubernetes = server.Connect();
        var cluster = new ClusterClient(kubernetes, TimeProvider.System);
        server.Cluster.Create(Kinds.Pods, World.Namespace, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "chat-s0-0" } }, "kube-controller-manager");
        var earlier = new V1Pod { ApiVersion = "v1", Kind = "Pod", Metadata = new V1ObjectMeta { Name = "chat-s0-0", Uid = "earlier" } };

        var failure = await Should.ThrowAsync<ClusterException>(() => cluster.ApplyAsync<V1Pod>(Kinds.Pods, World.Namespace, "chat-s0-0", earlier, CancellationToken.None));

        (failure.Code, failure.IsConflict, failure.IsRefusal).ShouldBe((422, true, false));
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Models_are_refused_in_the_words_of_the_real_server(int index)
    {
        var recorded = Recorded["models"]![index]!;
        string name = (string?)recorded["name"] ?? "new";
        var model = Given.ModelJson(name, new string('1', 64), 2);
        foreach (var (field, value) in recorded["spec"]!.AsObject())
            model["spec"]![field] = value?.DeepClone();
        var place = new Place(Kinds.Models, World.Namespace, name);

        var failure = Should.Throw<Exception>(() => CrdSchema.Load().Admit(place, null, model)) switch
        {
            UnknownField unknown => unknown.Written(place),
            var other => other.ShouldBeOfType<ApiFailure>(),
        };

        (failure.Code, failure.Message).ShouldBe(((int)recorded["code"]!, (string)recorded["message"]!));
    }

    private static IEnumerable<string> Compare(JsonObject recorded, int code, JsonObject answer)
    {
        if (code != (int)recorded["code"]!)
            yield return $"{code} and not {recorded["code"]}: {answer}";
        string? message = (string?)answer["message"];
        if (recorded["message"] is { } words && !Same((string)words!, message ?? ""))
            yield return $"'{message}' and not '{words}'";
        foreach (string field in new[] { "kind", "reason" }.Where(f => recorded[f] is not null && (string?)recorded[f] != (string?)answer[f]))
            yield return $"{field} is {answer[field]} and not {recorded[field]}";
        if (recorded["generation"] is { } generation && !JsonNode.DeepEquals(generation, answer["metadata"]!["generation"]))
            yield return $"generation {answer["metadata"]!["generation"]} and not {generation}";
        // Only those causes that the controller reads.
        if (recorded["causes"]?[0]?["field"]?.GetValue<string>() == "metadata.uid" && !JsonNode.DeepEquals(recorded["causes"], answer["details"]?["causes"]))
            yield return $"causes {answer["details"]} and not {recorded["causes"]}";
    }

    private static bool Same(string recorded, string message)
    {
        string[] parts = recorded.Split('*');
        return message.StartsWith(parts[0], StringComparison.Ordinal) && message.EndsWith(parts[^1], StringComparison.Ordinal);
    }
}
