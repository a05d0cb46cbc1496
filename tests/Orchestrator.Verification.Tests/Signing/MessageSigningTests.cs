using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests.Signing;

public sealed class MessageSigningTests
{
    private static readonly Cancellation Record = new(1, Some.Node(), Some.Session(), DateTimeOffset.UnixEpoch);

    [Fact]
    public void A_sealed_message_opens_and_names_its_signer()
    {
        using var key = Some.Key();
        var message = Seal(key);
        Opens(message, MessageTypes.Cancellation, out string? error).ShouldBeTrue(error);
        MessageSigning.Signer(message).ShouldBe(key.Node);
    }

    [Fact]
    public void Any_flipped_bit_of_payload_key_or_signature_is_refused()
    {
        using var key = Some.Key();
        var message = Seal(key);
        foreach (var part in (Func<SignedMessage, byte[]>[])[m => m.Payload, m => m.Key, m => m.Signature])
        {
            for (int bit = 0; bit < part(message).Length * 8; bit++)
            {
                var copy = message with { Payload = [.. message.Payload], Key = [.. message.Key], Signature = [.. message.Signature] };
                part(copy)[bit / 8] ^= (byte)(1 << (bit % 8));
                Opens(copy, MessageTypes.Cancellation, out string? error).ShouldBeFalse($"bit {bit}");
                error.ShouldNotBeNull();
            }
        }
    }

    [Fact]
    public void No_message_is_refused_and_not_thrown_over()
    {
        MessageSigning.TryOpen(null, MessageTypes.Receipt, ContractsJson.Default.Receipt, out _, out string? error).ShouldBeFalse();
        error.ShouldNotBeNull();
    }

    [Fact]
    public void A_message_cannot_pass_as_another_type()
    {
        using var key = Some.Key();
        var message = Seal(key);
        Opens(message, MessageTypes.Placement, out _).ShouldBeFalse();
        Opens(message with { Type = MessageTypes.Placement }, MessageTypes.Placement, out _).ShouldBeFalse();
    }

    [Fact]
    public void Anothers_key_does_not_open_it()
    {
        using var key = Some.Key();
        using var other = Some.Key(2);
        Opens(Seal(key) with { Key = other.PublicKey }, MessageTypes.Cancellation, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_signed_payload_that_is_not_the_record_is_refused()
    {
        using var key = Some.Key();
        foreach (string json in (string[])["null", "{}", "[]", "\"x\"", "{\"node\":null}"])
        {
            var message = MessageSigning.Seal(
                MessageTypes.Cancellation, System.Text.Json.JsonDocument.Parse(json).RootElement, TestJson.Default.JsonElement, key);
            Opens(message, MessageTypes.Cancellation, out string? error).ShouldBeFalse(json);
            error.ShouldNotBeNull();
        }
    }

    [Theory]
    [InlineData("{ ", "{")]
    [InlineData("{\"extra\":1,", "{")]
    [InlineData("\"\\u0073chemaVersion\"", "\"schemaVersion\"")]
    public void A_signed_payload_with_another_spelling_of_the_record_is_refused(string spelling, string canonical)
    {
        using var key = Some.Key();
        string json = System.Text.Json.JsonSerializer.Serialize(Record, ContractsJson.Default.Cancellation);
        string other = json.Replace(canonical, spelling, StringComparison.Ordinal);
        other.ShouldNotBe(json);
        Opens(Raw(key, other), MessageTypes.Cancellation, out string? error).ShouldBeFalse();
        error.ShouldNotBeNull().ShouldContain("canonical");
        Opens(Raw(key, json), MessageTypes.Cancellation, out error).ShouldBeTrue(error);
    }

    [Fact]
    public void Hostile_envelopes_never_throw() =>
        Gen.Select(Gen.String[0, 30], Gen.Byte.Array[0, 80], Gen.Byte.Array[0, 40], Gen.Byte.Array[0, 70]).Sample((type, payload, key, signature) =>
        {
            Opens(new SignedMessage(type, payload, key, signature), MessageTypes.Cancellation, out _).ShouldBeFalse();
            Opens(new SignedMessage(MessageTypes.Cancellation, payload, key, signature), MessageTypes.Cancellation, out _).ShouldBeFalse();
        });

    [Fact]
    public void Missing_or_oversized_parts_are_refused()
    {
        using var key = Some.Key();
        var good = Seal(key);
        SignedMessage[] bad =
        [
            good with { Type = null! }, good with { Payload = null! }, good with { Key = null! }, good with { Signature = null! },
            good with { Payload = [] }, good with { Payload = new byte[SignedMessage.MaxPayload + 1] }, good with { Key = new byte[32] },
        ];
        foreach (var message in bad)
            Opens(message, MessageTypes.Cancellation, out _).ShouldBeFalse();
    }

    private static SignedMessage Seal(SigningKey key) =>
        MessageSigning.Seal(MessageTypes.Cancellation, Record, ContractsJson.Default.Cancellation, key);

    private static SignedMessage Raw(SigningKey key, string json)
    {
        byte[] payload = System.Text.Encoding.UTF8.GetBytes(json);
        return new(MessageTypes.Cancellation, payload, key.PublicKey, key.Sign([.. "orchestrator\0"u8, .. System.Text.Encoding.UTF8.GetBytes(MessageTypes.Cancellation), 0, .. payload]));
    }

    private static bool Opens(SignedMessage message, string type, out string? error)
    {
        bool opened = MessageSigning.TryOpen(message, type, ContractsJson.Default.Cancellation, out var record, out error);
        if (opened)
            record.ShouldBe(Record);
        return opened;
    }
}
