using System.Text.Json;
using CsCheck;
using Orchestrator.TestKit;

namespace Orchestrator.Contracts.Tests;

public sealed class IdTests
{
    [Theory]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", false)]
    [InlineData("aaaa", false)]
    [InlineData("gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData(null, false)]
    public void A_public_key_in_configuration_is_64_hex_digits_and_no_placeholder(string? text, bool valid)
    {
        PublicKeyText.TryParse(text, out byte[] key).ShouldBe(valid);
        key.Length.ShouldBe(valid ? 32 : 0);
    }

    [Fact]
    public void A_node_id_is_the_base32_of_its_keys_digest()
    {
        // SHA-256 of 32 zero bytes, 66687aadf862bd77…, in RFC 4648 base32.
        NodeId.FromPublicKey(new byte[32]).Value.ShouldBe("mzuhvlpymk6xo3epygfy5h4oea");
    }

    /// <summary>RFC 4648 §10.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("f", "my")]
    [InlineData("fo", "mzxq")]
    [InlineData("foo", "mzxw6")]
    [InlineData("foob", "mzxw6yq")]
    [InlineData("fooba", "mzxw6ytb")]
    [InlineData("foobar", "mzxw6ytboi")]
    public void Base32_has_the_values_of_the_rfc(string text, string expected) =>
        Base32.Encode(System.Text.Encoding.ASCII.GetBytes(text)).ShouldBe(expected);

    [Fact]
    public void Only_the_canonical_form_is_accepted()
    {
        Rejects<NodeId>(Some.Node().Value);
        Rejects<JobId>(Some.Job().Value);
        Rejects<SessionId>(Some.Session().Value);
        Rejects<Digest>(Some.Digest().Value);
    }

    [Fact]
    public void No_text_makes_parsing_throw() => Gen.String.Sample(text =>
    {
        if (NodeId.TryParse(text, out var node))
            node.Value.ShouldBe(text);
        if (JobId.TryParse(text, out var job))
            job.Value.ShouldBe(text);
        if (SessionId.TryParse(text, out var session))
            session.Value.ShouldBe(text);
        if (Digest.TryParse(text, out var digest))
            digest.Value.ShouldBe(text);
    });

    [Fact]
    public void Job_ids_sort_by_time()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var first = JobId.New(time);
        time.Advance(TimeSpan.FromMilliseconds(1));
        string.CompareOrdinal(first.Value, JobId.New(time).Value).ShouldBeLessThan(0);
        JobId.TryParse(first.Value, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(first);
    }

    [Fact]
    public void A_session_is_a_function_of_job_chain_and_attempt()
    {
        SessionId[] sessions = [SessionId.Derive(Some.Job(), 0, 0), SessionId.Derive(Some.Job(), 1, 0), SessionId.Derive(Some.Job(), 0, 1), SessionId.Derive(Some.Job(2), 0, 0)];
        sessions.Distinct().Count().ShouldBe(4);
        SessionId.Derive(Some.Job(), 0, 0).ShouldBe(sessions[0]);
        var wire = new byte[SessionId.Size];
        sessions[1].CopyTo(wire);
        SessionId.FromBytes(wire).ShouldBe(sessions[1]);
    }

    [Fact]
    public void Ids_are_json_strings_and_keys()
    {
        var keyed = new Dictionary<NodeId, Digest> { [Some.Node()] = Some.Digest() };
        string json = JsonSerializer.Serialize(keyed);
        json.ShouldBe($"{{\"{Some.Node()}\":\"{Some.Digest()}\"}}");
        JsonSerializer.Deserialize<Dictionary<NodeId, Digest>>(json).ShouldBe(keyed);
        foreach (string bad in (string[])["\"\"", "null", "\"../../etc\"", "{\"x\":1}"])
            Should.Throw<Exception>(() => JsonSerializer.Deserialize<NodeId>(bad)).ShouldBeAssignableTo<JsonException>();
    }

    private static void Rejects<T>(string good)
        where T : struct, IStringId<T>
    {
        T.TryParse(good, out var id).ShouldBeTrue();
        id.Value.ShouldBe(good);
        string[] bad = ["", good[1..], good + "a", " " + good[1..], good.ToUpperInvariant(), good[..^1] + "/", good[..^1] + "\0", good[..^1] + "é"];
        foreach (string? text in bad.Append(null))
        {
            T.TryParse(text, out var none).ShouldBeFalse(text);
            none.ShouldBe(default);
        }

        Should.Throw<FormatException>(() => T.Parse(new string('x', 10_000))).Message.Length.ShouldBeLessThan(200);
    }
}
