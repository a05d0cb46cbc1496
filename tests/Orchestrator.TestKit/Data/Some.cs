using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.TestKit;

/// <summary>Values whose content does not matter, the same for the same number.</summary>
public static class Some
{
    /// <summary>A random generator with a fixed seed.</summary>
    public static Random Random(int seed = 1) => new(seed);

    /// <summary>Random bytes.</summary>
    public static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A node's key.</summary>
    public static SigningKey Key(int number = 1) => SigningKey.FromSeed(Bytes(32, number));

    /// <summary>The id of <see cref="Key"/>.</summary>
    public static NodeId Node(int number = 1)
    {
        using var key = Key(number);
        return key.Node;
    }

    /// <summary>A digest.</summary>
    public static Digest Digest(int number = 1) => Contracts.Digest.Of(Encoding.UTF8.GetBytes($"digest {number}"));

    /// <summary>A job id.</summary>
    public static JobId Job(int number = 1) =>
        JobId.TryParse($"job-{Digest(number).Value[..32]}", out var job) ? job : throw new InvalidOperationException("The text form of job ids changed.");

    /// <summary>A session id.</summary>
    public static SessionId Session(int number = 1) => SessionId.Derive(Job(number), chain: 0, attempt: 0);
}
