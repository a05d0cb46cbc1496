using System.Text.Json.Nodes;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Docker;

/// <summary>Where the Functions app keeps workflows is chosen when it is built: the extension's package and the app's <c>host.json</c> go together.</summary>
public sealed class DurableBackendTests
{
    private const string Sql = "Microsoft.Azure.Functions.Worker.Extensions.DurableTask.SqlServer";

    private static string Project => Repository.At("functions", "Orchestrator.Functions");

    [Fact]
    public void The_backends_differ_in_their_storage_provider_alone()
    {
        var (storage, sql) = (Host("host.json"), Host("host.mssql.json"));
        var (ofStorage, ofSql) = (TakeProvider(storage), TakeProvider(sql));

        JsonNode.DeepEquals(storage, sql).ShouldBeTrue();
        ($"{ofStorage["type"]}", $"{ofSql["type"]}").ShouldBe(("AzureStorage", "mssql"));
        $"{ofSql["connectionStringName"]}".ShouldBe($"{ofStorage["connectionStringName"]}");
        // Durable Functions ignores what another provider's settings are called.
        ofSql.Select(p => p.Key).ShouldBe(["type", "connectionStringName", "taskEventLockTimeout", "createDatabaseIfNotExists"]);
        // A killed host's work is taken over as soon with either.
        $"{ofSql["taskEventLockTimeout"]}".ShouldBe($"{ofStorage["workItemQueueVisibilityTimeout"]}");
    }

    [Theory]
    [InlineData("", "host.json", false)]
    [InlineData("-p:DurableBackend=mssql", "host.mssql.json", true)]
    public async Task The_build_takes_the_backends_own_file_and_package(string property, string file, bool package)
    {
        string[] arguments = ["msbuild", "-p:FunctionsSdk=true", .. property.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-getItem:None", "-getItem:PackageReference"];

        var (code, output, error) = await Tool.RunAsync("dotnet", Project, arguments);

        code.ShouldBe(0, output + error);
        var items = JsonNode.Parse(output)!["Items"]!;
        var copied = items["None"]!.AsArray().Where(i => $"{i!["Identity"]}".StartsWith("host.") && i["CopyToOutputDirectory"] is not null).ShouldHaveSingleItem()!;
        ($"{copied["Identity"]}", $"{copied["TargetPath"] ?? copied["Identity"]}").ShouldBe((file, "host.json"));
        items["PackageReference"]!.AsArray().Any(i => $"{i!["Identity"]}" == Sql).ShouldBe(package);
    }

    private static JsonObject Host(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(Project, file)))!.AsObject();

    private static JsonObject TakeProvider(JsonObject host)
    {
        var durable = host["extensions"]!["durableTask"]!.AsObject();
        var provider = durable["storageProvider"]!.AsObject();
        durable.Remove("storageProvider");
        return provider;
    }
}
