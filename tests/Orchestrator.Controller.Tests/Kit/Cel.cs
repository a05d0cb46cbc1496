using System.Text.Json.Nodes;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>The part of the Common Expression Language that our rules use: <c>|| &amp;&amp; == != &lt;= &gt;= &lt; &gt; * size() self oldSelf</c>, numbers and strings. Anything else throws.</summary>
internal sealed class Cel
{
    private static readonly string[] Comparisons = ["==", "!=", "<=", ">=", "<", ">"];

    private readonly string text;
    private readonly JsonNode? self;
    private readonly JsonNode? old;
    private int at;

    private Cel(string text, JsonNode? self, JsonNode? old) => (this.text, this.self, this.old) = (text, self, old);

    public static bool IsTrue(string rule, JsonNode? self, JsonNode? old)
    {
        var cel = new Cel(rule, self, old);
        object? result = cel.Or();
        cel.Space();
        return cel.at == rule.Length && result is bool value ? value : throw new FormatException($"The tests' CEL does not know: {rule[cel.at..]}");
    }

    private bool Or() => Chain("||", () => Chain("&&", () => Compare() is true, (a, b) => a && b), (a, b) => a || b);

    private bool Chain(string symbol, Func<bool> next, Func<bool, bool, bool> join)
    {
        bool result = next();
        while (Take(symbol))
        {
            bool right = next();
            result = join(result, right);
        }

        return result;
    }

    private object? Compare()
    {
        object? left = Product();
        foreach (string symbol in Comparisons)
        {
            if (!Take(symbol))
                continue;
            object? right = Product();
            return symbol switch
            {
                "==" => Same(left, right),
                "!=" => !Same(left, right),
                "<=" => (long)left! <= (long)right!,
                ">=" => (long)left! >= (long)right!,
                "<" => (long)left! < (long)right!,
                _ => (long)left! > (long)right!,
            };
        }

        return left;
    }

    private object? Product()
    {
        object? result = Term();
        while (Take("*"))
            result = (long)result! * (long)Term()!;
        return result;
    }

    private object? Term()
    {
        Space();
        if (Take("size("))
        {
            object? inner = Term();
            return Take(")") ? (long)((string)inner!).Length : throw new FormatException($"size( without ) in: {text}");
        }

        if (Take("'"))
        {
            int end = text.IndexOf('\'', at);
            string literal = text[at..end];
            at = end + 1;
            return literal;
        }

        int start = at;
        while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '.'))
            at++;
        string word = text[start..at];
        return long.TryParse(word, out long number) ? number : Value(word);
    }

    private object? Value(string path)
    {
        string[] steps = path.Split('.');
        var node = steps[0] switch { "self" => self, "oldSelf" => old, _ => throw new FormatException($"The tests' CEL does not know '{path}' in: {text}") };
        foreach (string step in steps[1..])
            node = node?[step] ?? throw new FormatException($"no such key: {step}");
        return node switch
        {
            JsonValue value when value.GetValueKind() == System.Text.Json.JsonValueKind.String => (object)value.GetValue<string>(),
            JsonValue value => long.Parse(value.ToJsonString()),
            _ => node,
        };
    }

    private static bool Same(object? a, object? b) => a is JsonNode left && b is JsonNode right ? JsonNode.DeepEquals(left, right) : Equals(a, b);

    private bool Take(string symbol)
    {
        Space();
        if (string.CompareOrdinal(text, at, symbol, 0, symbol.Length) != 0)
            return false;
        at += symbol.Length;
        return true;
    }

    private void Space()
    {
        while (at < text.Length && text[at] == ' ')
            at++;
    }
}
