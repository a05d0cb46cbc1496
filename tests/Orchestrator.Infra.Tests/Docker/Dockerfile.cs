using System.Text.Json;

namespace Orchestrator.Infra.Tests.Docker;

/// <summary>A Dockerfile as stages of instructions. Continued lines are joined, comments dropped.</summary>
internal sealed record Dockerfile(string Name, IReadOnlyList<Stage> Stages)
{
    public Stage Final => Stages[^1];

    public static Dockerfile Load(string path) => Parse(Path.GetFileName(path), File.ReadAllText(path));

    public static Dockerfile Parse(string name, string text)
    {
        List<Stage> stages = [];
        string pending = "";
        foreach (string line in text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#'))
        {
            pending += line.TrimEnd('\\');
            if (line.EndsWith('\\'))
                continue;
            var instruction = Instruction.Parse(pending);
            pending = "";
            if (instruction.Keyword == "FROM")
                stages.Add(Stage.Begin(instruction));
            else
                stages[^1].Instructions.Add(instruction);
        }

        return new Dockerfile(name, stages);
    }
}

/// <summary>A stage: its base, its name, what it does.</summary>
internal sealed record Stage(string Base, string? Name, string? Platform, List<Instruction> Instructions)
{
    public static Stage Begin(Instruction from)
    {
        var words = from.Words.ToList();
        return new Stage(words[0], words is [_, "AS" or "as", var name] ? name : null, from.Flags.GetValueOrDefault("platform"), []);
    }

    public IEnumerable<Instruction> All(string keyword) => Instructions.Where(i => i.Keyword == keyword);
}

/// <summary>One instruction; its flags (<c>--from=build</c>) apart from its words.</summary>
internal sealed record Instruction(string Keyword, IReadOnlyDictionary<string, string> Flags, IReadOnlyList<string> Words)
{
    public static Instruction Parse(string line)
    {
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        string rest = line[(space + 1)..].Trim();
        Dictionary<string, string> flags = [];
        List<string> words = rest.StartsWith('[') ? JsonSerializer.Deserialize<List<string>>(rest)! : [.. rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        while (!rest.StartsWith('[') && words is [var first, ..] && first.StartsWith("--", StringComparison.Ordinal) && line[..space].ToUpperInvariant() is "FROM" or "COPY")
        {
            if (!words[0].StartsWith("--", StringComparison.Ordinal))
                break;
            string[] parts = words[0][2..].Split('=', 2);
            flags[parts[0]] = parts.Length > 1 ? parts[1] : "";
            words.RemoveAt(0);
        }

        return new Instruction(line[..space].ToUpperInvariant(), flags, words);
    }
}
