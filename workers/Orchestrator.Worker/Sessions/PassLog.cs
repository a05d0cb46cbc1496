using System.Diagnostics;
using System.Globalization;

namespace Orchestrator.Worker.Sessions;

/// <summary>
/// Writes the times of every pass of every session to a folder, for taking slow chains apart: per session and stage one file
/// <c>{session}.{stage}.csv</c>, made when the session ends, with a header line and times in microseconds.
/// </summary>
public sealed class PassLog(string folder)
{
    /// <summary>First line of every file.</summary>
    public const string Header = "position,tokens,received,started,ran,sent,committed";

    /// <summary>Writes the file of an ended session.</summary>
    public void Write(string session, int stage, IReadOnlyList<PassTimes> passes)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{session}.{stage}.csv");
        // Moved into place: who waits for the file finds it whole.
        string temporary = path + ".tmp";
        File.WriteAllLines(temporary, passes.Select(Line).Prepend(Header));
        File.Move(temporary, path, overwrite: true);
    }

    private static string Line(PassTimes p) => string.Create(
        CultureInfo.InvariantCulture,
        $"{p.Position},{p.Tokens},{Microseconds(p.Received):F1},{Microseconds(p.Started):F1},{Microseconds(p.Ran):F1},{Microseconds(p.Sent):F1},{Microseconds(p.Committed):F1}");

    private static double Microseconds(long reading) => reading * (1e6 / Stopwatch.Frequency);
}
