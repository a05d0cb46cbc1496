using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests.Signing;

public sealed class SigningKeyTests
{
    /// <summary>RFC 8032 §7.1, test 2.</summary>
    [Fact]
    public void Signatures_are_those_of_the_rfc()
    {
        using var key = SigningKey.FromSeed(Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        Convert.ToHexStringLower(key.PublicKey).ShouldBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        Convert.ToHexStringLower(key.Sign([0x72])).ShouldBe(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
        key.Node.ShouldBe(NodeId.FromPublicKey(key.PublicKey));
    }

    [Fact]
    public void A_key_file_is_made_once_for_its_owner_only_and_read_again()
    {
        using var folder = new TempFolder();
        string path = folder["deep/node.key"];
        using var made = SigningKey.LoadOrCreate(path);
        using var read = SigningKey.LoadOrCreate(path);
        read.Node.ShouldBe(made.Node);
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(path).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Directory.GetFiles(folder["deep"]).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Processes_that_race_for_a_key_file_get_the_same_key()
    {
        using var folder = new TempFolder();
        var nodes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            using var key = SigningKey.LoadOrCreate(folder["node.key"]);
            return key.Node;
        }, TestContext.Current.CancellationToken)));
        nodes.Distinct().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("")]
    [InlineData("zz")]
    [InlineData("abcd")]
    public void A_file_that_holds_something_else_is_named(string text)
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["node.key"], text);
        Should.Throw<FormatException>(() => SigningKey.LoadOrCreate(folder["node.key"])).Message.ShouldContain(folder["node.key"]);
    }

    [Fact]
    public void A_seed_has_32_bytes() => Should.Throw<FormatException>(() => SigningKey.FromSeed(new byte[31]));
}
