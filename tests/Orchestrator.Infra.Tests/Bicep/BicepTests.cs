using System.Text.Json.Nodes;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Bicep;

public sealed class BicepTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("bicep-").FullName;

    private static string Azure => Repository.At("infra", "azure");

    public static TheoryData<string> Parameters => [.. Directory.GetFiles(Path.Combine(Azure, "parameters"), "*.bicepparam").Select(f => Path.GetFileName(f))];

    [Fact]
    public async Task The_template_and_its_modules_compile_without_any_warning() =>
        (await BicepTool.LintAsync(Path.Combine(Azure, "main.bicep"))).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Parameters))]
    public async Task Parameters_fit_and_expand_to_their_snapshot(string file)
    {
        string path = Path.Combine(Azure, "parameters", file);
        (await BicepTool.LintAsync(path)).ShouldBeEmpty();

        var (code, difference) = await BicepTool.ValidateAsync(path);

        code.ShouldBe(0, $"the snapshot is stale: see infra/azure/README.md\n{difference}");
    }

    [Theory]
    [InlineData("Microsoft.KubernetesConfiguration/extensions")]
    [InlineData("Microsoft.Cache/redisEnterprise/databases")]
    [InlineData("Microsoft.ServiceBus/namespaces")]
    [InlineData("Microsoft.Storage/storageAccounts/blobServices/containers")]
    [InlineData("Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials")]
    [InlineData("Microsoft.KeyVault/vaults")]
    public void Even_the_small_profile_holds_what_the_platform_needs(string type) =>
        Resources("dev").Select(r => r["type"]!.ToString()).ShouldContain(type);

    [Fact]
    public void Nothing_takes_a_password_or_a_key_where_an_identity_will_do()
    {
        var resources = Resources("prod");

        // One account for blobs, one for the workflows of the Functions host, which the chart gives a connection string.
        resources.Where(r => r["type"]!.ToString() == "Microsoft.Storage/storageAccounts").Select(r => r["properties"]!["allowSharedKeyAccess"]!.GetValue<bool>())
            .ShouldBe([false, true], ignoreOrder: true);
        Property(resources, "Microsoft.ServiceBus/namespaces", "disableLocalAuth").ShouldBe("true");
        Property(resources, "Microsoft.Cache/redisEnterprise/databases", "accessKeysAuthentication").ShouldBe("Disabled");
        Property(resources, "Microsoft.Cache/redisEnterprise/databases", "port").ShouldBe("10000");
        Property(resources, "Microsoft.ContainerService/managedClusters", "disableLocalAccounts").ShouldBe("true");
        Property(resources, "Microsoft.ContainerRegistry/registries", "adminUserEnabled").ShouldBe("false");
    }

    [Fact]
    public void The_gpu_pool_starts_at_zero_and_leaves_drivers_to_the_operator()
    {
        Resources("dev").ShouldNotContain(r => r["type"]!.ToString().EndsWith("/agentPools"));
        var pool = Resources("prod").Single(r => r["type"]!.ToString().EndsWith("/agentPools"))["properties"]!;

        pool["minCount"]!.GetValue<int>().ShouldBe(0);
        pool["gpuProfile"]!["driver"]!.ToString().ShouldBe("None");
        pool["nodeTaints"]!.AsArray().Select(t => t!.ToString()).ShouldContain(t => t.StartsWith("nvidia.com/gpu"));
    }

    [Theory]
    [InlineData("minCout: 0", "BCP089")]
    [InlineData("minCount: 'none'", "BCP036")]
    public async Task A_misspelled_property_and_a_wrong_type_are_noticed(string property, string code)
    {
        string file = Path.Combine(folder, "wrong.bicep");
        await File.WriteAllTextAsync(file, $$"""
            resource pool 'Microsoft.ContainerService/managedClusters/agentPools@2025-05-01' = {
              name: 'a/b'
              properties: { {{property}} }
            }
            """);

        (await BicepTool.LintAsync(file)).ShouldContain(r => r.StartsWith(code));
    }

    [Fact]
    public async Task A_change_that_no_snapshot_shows_is_noticed()
    {
        foreach (string file in Directory.GetFiles(Azure, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(Azure, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        string bus = Path.Combine(folder, "modules", "servicebus.bicep");
        File.WriteAllText(bus, File.ReadAllText(bus).Replace("disableLocalAuth: true", "disableLocalAuth: false"));

        var (code, difference) = await BicepTool.ValidateAsync(Path.Combine(folder, "parameters", "dev.bicepparam"));

        code.ShouldNotBe(0);
        difference.ShouldContain("disableLocalAuth");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static IReadOnlyList<JsonNode> Resources(string profile) =>
        [.. JsonNode.Parse(File.ReadAllText(Path.Combine(Azure, "parameters", $"{profile}.snapshot.json")))!["predictedResources"]!.AsArray().Select(r => r!)];

    private static string? Property(IReadOnlyList<JsonNode> resources, string type, string name) =>
        resources.Single(r => r["type"]!.ToString() == type)["properties"]![name]?.ToString();
}
