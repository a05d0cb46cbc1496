using System.Globalization;

namespace Orchestrator.TestKit;

/// <summary>Reads an OTLP export of spans. Field numbers are those of opentelemetry-proto's <c>trace/v1</c>, <c>common/v1</c> and <c>resource/v1</c>.</summary>
public static class OtlpTraces
{
    /// <summary>All spans of an <c>ExportTraceServiceRequest</c>.</summary>
    public static IReadOnlyList<CollectedSpan> Read(ReadOnlySpan<byte> request)
    {
        var spans = new List<CollectedSpan>();
        var reader = new ProtoReader(request);
        while (reader.Next())
        {
            if (reader.Field == 1)
                ReadResource(reader.Bytes, spans);
        }

        return spans;
    }

    private static void ReadResource(ReadOnlySpan<byte> bytes, List<CollectedSpan> spans)
    {
        string service = "";
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                service = Attributes(reader.Bytes, 1).GetValueOrDefault("service.name", "");
            else if (reader.Field == 2)
                ReadScope(service, reader.Bytes, spans);
        }
    }

    private static void ReadScope(string service, ReadOnlySpan<byte> bytes, List<CollectedSpan> spans)
    {
        string source = "";
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                source = First(reader.Bytes, 1);
            else if (reader.Field == 2)
                spans.Add(ReadSpan(service, source, reader.Bytes));
        }
    }

    private static CollectedSpan ReadSpan(string service, string source, ReadOnlySpan<byte> bytes)
    {
        string trace = "", id = "", parent = "", name = "";
        int kind = 0;
        ulong start = 0, end = 0;
        var links = new List<string>();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1:
                    trace = reader.Hex;
                    break;
                case 2:
                    id = reader.Hex;
                    break;
                case 4:
                    parent = reader.Hex;
                    break;
                case 5:
                    name = reader.Text;
                    break;
                case 6:
                    kind = (int)reader.Number;
                    break;
                case 7:
                    start = reader.Number;
                    break;
                case 8:
                    end = reader.Number;
                    break;
                case 13:
                    links.Add(Link(reader.Bytes));
                    break;
            }
        }

        return new CollectedSpan(service, source, name, kind, trace, id, parent, links, start, end, Attributes(bytes, 9));
    }

    private static string Link(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 2)
                return reader.Hex;
        }

        return "";
    }

    private static string First(ReadOnlySpan<byte> bytes, int field)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == field)
                return reader.Text;
        }

        return "";
    }

    private static Dictionary<string, string> Attributes(ReadOnlySpan<byte> message, int field)
    {
        var found = new Dictionary<string, string>();
        var reader = new ProtoReader(message);
        while (reader.Next())
        {
            if (reader.Field != field)
                continue;
            string key = "", value = "";
            var pair = new ProtoReader(reader.Bytes);
            while (pair.Next())
            {
                if (pair.Field == 1)
                    key = pair.Text;
                else if (pair.Field == 2)
                    value = Value(pair.Bytes);
            }

            found[key] = value;
        }

        return found;
    }

    private static string Value(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        if (!reader.Next())
            return "";
        return reader.Field switch
        {
            1 => reader.Text,
            2 => reader.Number == 0 ? "false" : "true",
            3 => ((long)reader.Number).ToString(CultureInfo.InvariantCulture),
            4 => BitConverter.UInt64BitsToDouble(reader.Number).ToString(CultureInfo.InvariantCulture),
            _ => reader.Hex,
        };
    }
}
