using System.Text;
using System.Text.Json;

namespace Orchestrator.Sidecar.Cel;

/// <summary>Recursive descent over the subset named in <see cref="CelExpression"/>; depth and length are bounded.</summary>
internal sealed class CelParser(string text)
{
    private const int LongestText = 4096;
    private const int DeepestNesting = 64;

    private int _at;
    private int _depth;

    public Func<JsonElement, object?> Parse()
    {
        if (text.Length > LongestText)
        {
            throw new FormatException($"expression is longer than {LongestText} characters");
        }
        var result = Or();
        Space();
        return _at == text.Length ? result : throw Unexpected();
    }

    private Func<JsonElement, object?> Or()
    {
        if (++_depth > DeepestNesting)
        {
            throw new FormatException("expression is nested too deeply");
        }
        var left = And();
        while (Take("||"))
        {
            var (a, b) = (left, And());
            left = e => a(e) is true || b(e) is true;
        }
        _depth--;
        return left;
    }

    private Func<JsonElement, object?> And()
    {
        var left = Relation();
        while (Take("&&"))
        {
            var (a, b) = (left, Relation());
            left = e => a(e) is true && b(e) is true;
        }
        return left;
    }

    private Func<JsonElement, object?> Relation()
    {
        var left = Unary();
        foreach (var symbol in (ReadOnlySpan<string>)["==", "!=", "<=", ">=", "<", ">"])
        {
            if (Take(symbol))
            {
                var right = Unary();
                return symbol switch
                {
                    "==" => e => CelExpression.Same(left(e), right(e)),
                    "!=" => e => !CelExpression.Same(left(e), right(e)),
                    "<=" => e => CelExpression.Compare(left(e), right(e)) <= 0,
                    ">=" => e => CelExpression.Compare(left(e), right(e)) >= 0,
                    "<" => e => CelExpression.Compare(left(e), right(e)) < 0,
                    _ => e => CelExpression.Compare(left(e), right(e)) > 0,
                };
            }
        }
        if (TakeWord("in"))
        {
            var list = Unary();
            return e => CelExpression.In(left(e), list(e));
        }
        return left;
    }

    private Func<JsonElement, object?> Unary()
    {
        var negations = 0;
        while (Take("!"))
        {
            negations++;
        }
        var value = Member();
        return negations == 0 ? value : negations % 2 == 1 ? e => value(e) is false : e => value(e) is true;
    }

    private Func<JsonElement, object?> Member()
    {
        var value = Primary();
        while (true)
        {
            if (Take("."))
            {
                var name = Name();
                value = Take("(") ? StringTest(name, value) : Field(value, name);
            }
            else if (Take("["))
            {
                Space();
                var key = Peek() is '"' or '\'' ? Text() : throw Unexpected();
                Expect("]");
                value = Field(value, key);
            }
            else
            {
                return value;
            }
        }
    }

    private Func<JsonElement, object?> StringTest(string name, Func<JsonElement, object?> subject)
    {
        var argument = Or();
        Expect(")");
        return name switch
        {
            "contains" => e => subject(e) is string s && argument(e) is string a && s.Contains(a, StringComparison.Ordinal),
            "startsWith" => e => subject(e) is string s && argument(e) is string a && s.StartsWith(a, StringComparison.Ordinal),
            "endsWith" => e => subject(e) is string s && argument(e) is string a && s.EndsWith(a, StringComparison.Ordinal),
            _ => throw new FormatException($"function '{name}' is not supported here"),
        };
    }

    private static Func<JsonElement, object?> Field(Func<JsonElement, object?> value, string name) => e =>
        value(e) is JsonElement { ValueKind: JsonValueKind.Object } map && map.TryGetProperty(name, out var child)
            ? CelExpression.Value(child)
            : null;

    private Func<JsonElement, object?> Primary()
    {
        Space();
        switch (Peek())
        {
            case '(':
                _at++;
                var inner = Or();
                Expect(")");
                return inner;
            case '[':
                _at++;
                return List();
            case '"' or '\'':
                var literal = Text();
                return _ => literal;
            case '-' or (>= '0' and <= '9'):
                var number = Number();
                return _ => number;
        }
        return Word(Name());
    }

    private Func<JsonElement, object?> Word(string name)
    {
        switch (name)
        {
            case "true":
                return _ => true;
            case "false":
                return _ => false;
            case "null":
                return _ => null;
            case "event":
                return e => e;
            case "has" or "size":
                Expect("(");
                var argument = Or();
                Expect(")");
                return name == "has" ? e => argument(e) is not null : e => CelExpression.Size(argument(e));
            default:
                throw new FormatException($"'{name}' is not known: fields start with 'event.'");
        }
    }

    private Func<JsonElement, object?> List()
    {
        var items = new List<Func<JsonElement, object?>>();
        if (!Take("]"))
        {
            do
            {
                items.Add(Or());
            }
            while (Take(","));
            Expect("]");
        }
        return e => items.Select(i => i(e)).ToArray();
    }

    private object? Number()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] == '.'))
        {
            _at++;
        }
        try
        {
            return CelExpression.Number(text[start.._at]);
        }
        catch (FormatException)
        {
            throw new FormatException($"'{text[start.._at]}' is not a number");
        }
    }

    private string Text()
    {
        var quote = text[_at++];
        var value = new StringBuilder();
        while (_at < text.Length && text[_at] != quote)
        {
            if (text[_at] == '\\' && ++_at == text.Length)
            {
                break;
            }
            value.Append(text[_at++]);
        }
        if (_at == text.Length)
        {
            throw new FormatException("text is not closed");
        }
        _at++;
        return value.ToString();
    }

    private string Name()
    {
        Space();
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '_'))
        {
            _at++;
        }
        return _at > start ? text[start.._at] : throw Unexpected();
    }

    private bool Take(string symbol)
    {
        Space();
        if (!text.AsSpan(_at).StartsWith(symbol) || (symbol == "!" && text.AsSpan(_at).StartsWith("!=")))
        {
            return false;
        }
        _at += symbol.Length;
        return true;
    }

    private bool TakeWord(string word)
    {
        Space();
        var end = _at + word.Length;
        if (!text.AsSpan(_at).StartsWith(word) || (end < text.Length && char.IsAsciiLetterOrDigit(text[end])))
        {
            return false;
        }
        _at = end;
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol))
        {
            throw Unexpected();
        }
    }

    private char Peek() => _at < text.Length ? text[_at] : '\0';

    private void Space()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private FormatException Unexpected() =>
        new(_at < text.Length ? $"unexpected '{text[_at]}' at position {_at}" : "expression ends too early");
}
