using System.Text.Json;
using CsCheck;
using Orchestrator.Sidecar.Cel;

namespace Orchestrator.Sidecar.Tests.Cel;

public sealed class CelTests
{
    private const string Event = """{"type":"order","data":{"n":5,"ok":true,"name":"Ann","tags":["a","b"],"sub":{"x-y":1},"none":null}}""";

    private static readonly string[] Tokens =
        ["event", ".type", ".data", ".n", "==", "!=", "<", ">=", "&&", "||", "!", "(", ")", "[", "]", "\"a\"", "'b", "5", "-1.5", "in", "has", "size", ".contains(", ",", " ", "true", "null", "\\", "é", "1.2.3"];

    [Theory]
    [InlineData("event.type == 'order'", true)]
    [InlineData("event.type == \"other\"", false)]
    [InlineData("event.data.n > 4 && event.data.n <= 5.0", true)]
    [InlineData("event.data.n > 4 && !event.data.ok", false)]
    [InlineData("event.data.n < 1 || event.data.ok", true)]
    [InlineData("!(event.data.n < 1) && event.data['ok']", true)]
    [InlineData("event.data.name.startsWith('A') && event.data.name.endsWith('n') && event.data.name.contains('nn')", true)]
    [InlineData("'a' in event.data.tags", true)]
    [InlineData("event.data.n in [1, 2, 5]", true)]
    [InlineData("event.data.n in [1, 2]", false)]
    [InlineData("size(event.data.tags) == 2", true)]
    [InlineData("has(event.data.missing)", false)]
    [InlineData("has(event.data.n)", true)]
    [InlineData("event.data.missing.deeper == 1", false)]
    [InlineData("event.data.none == null", true)]
    [InlineData("event.data.sub['x-y'] == 1", true)]
    [InlineData("event.type < 5", false)]
    [InlineData("event.data.n", false)]
    [InlineData("true", true)]
    public void Expressions_match_as_written(string text, bool expected)
    {
        var cel = CelExpression.TryParse(text, out var error).ShouldNotBeNull(error);
        using var json = JsonDocument.Parse(Event);

        cel.Matches(json.RootElement).ShouldBe(expected);
    }

    [Theory]
    [InlineData("")]
    [InlineData("event.type ==")]
    [InlineData("(event.ok")]
    [InlineData("'open")]
    [InlineData("other.type == 1")]
    [InlineData("event.type.matches('x')")]
    [InlineData("event.a = 1")]
    [InlineData("1.2.3 == 1")]
    public void What_is_outside_the_subset_is_refused_with_a_reason(string text)
    {
        CelExpression.TryParse(text, out var error).ShouldBeNull();
        error.ShouldNotBeEmpty();
    }

    [Fact]
    public void Any_tokens_are_refused_or_evaluate_without_failing()
    {
        using var json = JsonDocument.Parse(Event);
        Gen.OneOf(Tokens).Array[0, 20].Sample(tokens =>
        {
            if (CelExpression.TryParse(string.Concat(tokens), out _) is { } cel)
            {
                cel.Matches(json.RootElement);
            }
        }, iter: 20_000, threads: 1);
    }

    [Fact]
    public void Comparisons_agree_with_numbers() =>
        Gen.Select(Gen.Int[-1000, 1000], Gen.Int[-1000, 1000]).Sample((a, b) =>
        {
            using var json = JsonDocument.Parse($$"""{"a":{{a}},"b":{{b}}}""");
            foreach (var (symbol, truth) in new[] { ("==", a == b), ("!=", a != b), ("<", a < b), ("<=", a <= b), (">", a > b), (">=", a >= b) })
            {
                CelExpression.TryParse($"event.a {symbol} event.b", out _)!.Matches(json.RootElement).ShouldBe(truth);
                CelExpression.TryParse($"event.a {symbol} {b}", out _)!.Matches(json.RootElement).ShouldBe(truth);
            }
        }, iter: 500);

    [Theory]
    [InlineData('(')]
    [InlineData('!')]
    [InlineData('[')]
    public void Deep_nesting_ends_in_an_error_not_in_a_crash(char c) =>
        CelExpression.TryParse(new string(c, 4000), out _).ShouldBeNull();
}
