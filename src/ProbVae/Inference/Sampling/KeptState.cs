using System.Runtime.InteropServices;
using System.Text;

namespace ProbVae;

/// <summary>State on its way into a checkpoint, or out of one: whoever keeps it names each part once, for both directions.</summary>
/// <param name="stream">Where the bytes are.</param>
/// <param name="restores">Whether they are read; otherwise they are written.</param>
internal sealed class KeptState(Stream stream, bool restores)
{
    /// <summary>Writes a value and gives it back, or gives the one that was written.</summary>
    public T Value<T>(T value)
        where T : unmanaged
    {
        Values(new Span<T>(ref value));
        return value;
    }

    /// <summary>Writes values, or overwrites them with those that were written.</summary>
    public void Values<T>(Span<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        if (restores)
        {
            stream.ReadExactly(bytes);
        }
        else
        {
            stream.Write(bytes);
        }
    }

    /// <summary>The same for a list, whose length is kept too.</summary>
    public void List<T>(List<T> values)
        where T : unmanaged
    {
        CollectionsMarshal.SetCount(values, Value(values.Count));
        Values(CollectionsMarshal.AsSpan(values));
    }

    /// <summary>The same for words.</summary>
    public string Text(string text)
    {
        var bytes = new List<byte>(Encoding.UTF8.GetBytes(text));
        List(bytes);
        return Encoding.UTF8.GetString(CollectionsMarshal.AsSpan(bytes));
    }
}
