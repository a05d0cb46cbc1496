using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Gateway.Nodes;

/// <summary>Places counted by remote address, so that no single one takes them all.</summary>
internal sealed class AddressPlaces(int most)
{
    private readonly Lock gate = new();
    private readonly Dictionary<IPAddress, int> taken = [];

    /// <summary>What counts as one address: an IPv4 address, or the /64 that an IPv6 host is given as a whole.</summary>
    public static IPAddress Of(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }

    /// <summary>Takes a place if the address has one left.</summary>
    public bool TryTake(IPAddress address)
    {
        lock (gate)
        {
            int mine = taken.GetValueOrDefault(address);
            if (mine >= most)
                return false;
            taken[address] = mine + 1;
            return true;
        }
    }

    /// <summary>Gives a place back.</summary>
    public void GiveBack(IPAddress address)
    {
        lock (gate)
        {
            if (--taken[address] == 0)
                taken.Remove(address);
        }
    }
}
