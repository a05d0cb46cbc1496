using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Durable.Replay;

/// <summary>Name-based ids: RFC 9562 version 8 over SHA-256, since version 5 would need SHA-1.</summary>
static class DeterministicGuid
{
    public static Guid Create(string instanceId, long execution, int counter)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes($"orchestrator.durable/{instanceId}/{execution}/{counter}"), hash);
        hash[6] = (byte)(0x80 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new Guid(hash[..16], bigEndian: true);
    }
}
